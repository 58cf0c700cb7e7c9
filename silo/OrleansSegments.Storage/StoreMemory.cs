using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Deadlines;
using OrleansSegments.Storage.Totals;
using OrleansSegments.Storage.Unmerged;
using OrleansSegments.Storage.Versions;

namespace OrleansSegments.Storage;

/// <summary>All that the store knows without asking a file. Changed by the commit thread, after the journal has it.</summary>
internal sealed class StoreMemory(VersionTable versions, CommittedTotals totals, EarliestDeadline earliestDeadline)
{
    public VersionTable Versions { get; } = versions;

    public CommittedTotals Totals { get; } = totals;

    public EarliestDeadline EarliestDeadline { get; } = earliestDeadline;

    public UnmergedChanges Unmerged { get; } = new();

    public PassedDeadlines PassedDeadlines { get; } = new();

    public void Apply(CommittedChanges commit)
    {
        Unmerged.Apply(commit.CommitNumber, commit.Entries, commit.Transitions, commit.TotalsAfter);
        Remember(commit.Entries);
        Totals.Publish(commit.TotalsAfter);
    }

    public void Apply(CommitDraft draft, long commitNumber, SegmentTotals totalsAfter)
    {
        Unmerged.Apply(draft, commitNumber, totalsAfter);
        Remember(draft.Entries);
        Totals.Publish(totalsAfter);
    }

    private void Remember(ReadOnlySpan<CommitEntry> entries)
    {
        var earliest = long.MaxValue;
        foreach (ref readonly var entry in entries)
        {
            Versions.Set(entry.CustomerId, new CustomerVersion(entry.Version, entry.SegmentId));
            earliest = Math.Min(earliest, entry.DueAtMilliseconds ?? long.MaxValue);
        }

        EarliestDeadline.Lower(earliest);
    }
}
