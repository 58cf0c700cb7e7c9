using OrleansSegments.Storage.Totals;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Storage.Commits;

/// <summary>A commit as it is read back from the journal.</summary>
internal sealed record CommittedChanges(
    long CommitNumber, CommitEntry[] Entries, IReadOnlyList<Transition> Transitions, SegmentTotals TotalsAfter);
