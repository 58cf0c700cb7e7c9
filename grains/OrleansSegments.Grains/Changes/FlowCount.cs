using OrleansSegments.Contracts.Changes;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Grains.Changes;

/// <summary>
/// Counts the transitions between two instants, reading the log from its end backwards: people ask for the latest, and the log has no index
/// by time. Only the counts leave the silo.
/// </summary>
internal sealed class FlowCount(ICustomerStore store, DateTimeOffset from, DateTimeOffset to)
{
    /// <summary>Entries read at most: they take 0.2 s from either store.</summary>
    public const int EntriesMax = 200_000;

    private const int PageRows = 4_096;

    /// <summary>How much earlier than an older entry a newer one may have happened: silos have clocks of their own, and of two changes the later one may be committed first.</summary>
    private static readonly TimeSpan DisorderMax = TimeSpan.FromMinutes(1);

    private readonly Dictionary<(int? From, int To, TransitionCause Cause), long> _counts = [];

    /// <summary>Counts once.</summary>
    public async Task<TransitionFlows> TakeAsync(int entriesMax = EntriesMax)
    {
        long before = long.MaxValue;
        DateTimeOffset oldest = DateTimeOffset.MaxValue;
        bool isWhole = false;
        for (int left = entriesMax; left > 0 && !isWhole;)
        {
            int rows = Math.Min(left, PageRows);
            IReadOnlyList<Transition> page = await store.ReadTransitionsBackAsync(before, rows, CancellationToken.None);
            foreach (Transition transition in page)
            {
                DateTimeOffset at = DateTimeOffset.FromUnixTimeMilliseconds(transition.OccurredAtMilliseconds);
                Count(transition, at);
                before = transition.Sequence;
                oldest = at < oldest ? at : oldest;
            }

            isWhole = page.Count < rows || from - oldest > DisorderMax;
            left -= page.Count;
        }

        // Others of the millisecond in which the reading ended may not have been read.
        DateTimeOffset since = isWhole || oldest < from ? from : oldest.AddMilliseconds(1);
        return new TransitionFlows(from, to, since, !isWhole, Flows());
    }

    private void Count(Transition transition, DateTimeOffset at)
    {
        if (at >= from && at < to)
        {
            var flow = (transition.FromSegmentId, transition.ToSegmentId, transition.Cause);
            _counts[flow] = _counts.GetValueOrDefault(flow) + 1;
        }
    }

    private SegmentFlow[] Flows() =>
    [
        .. _counts.OrderByDescending(flow => flow.Value).ThenBy(flow => flow.Key)
            .Select(flow => new SegmentFlow(
                TransitionViews.KeyOf(flow.Key.From), TransitionViews.KeyOf(flow.Key.To), TransitionViews.CauseOf(flow.Key.Cause), flow.Value)),
    ];
}
