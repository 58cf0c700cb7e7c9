using OrleansSegments.Storage.Transitions;
using OrleansSegments.Storage.Unmerged;

namespace OrleansSegments.Storage.Reads;

/// <summary>
/// Reads of the transition log. Sequences are given by the one commit thread in the order in which commits become visible, so a cursor
/// never passes a transition that appears later.
/// </summary>
internal static class TransitionReads
{
    public static IReadOnlyList<Transition> After(ReadConnection connection, (UnmergedChanges Unmerged, long AfterSequence, int Limit) ask)
    {
        var view = ask.Unmerged.View;
        var page = new List<Transition>();
        var oldest = OldestUnmerged(view);
        if (oldest is null || ask.AfterSequence < oldest - 1)
        {
            connection.Transitions.Bind(1, ask.AfterSequence).Bind(2, (long)ask.Limit);
            while (connection.Transitions.Step())
            {
                page.Add(ReadConnection.TransitionOf(connection.Transitions));
            }
        }

        if (view.Merging is { } merging)
        {
            Append(page, merging.Transitions, ask.AfterSequence, ask.Limit);
        }

        Append(page, view.Current.Transitions, ask.AfterSequence, ask.Limit);
        return page;
    }

    public static IReadOnlyList<Transition> Of(ReadConnection connection, (UnmergedChanges Unmerged, string CustomerId, int Limit) ask)
    {
        var view = ask.Unmerged.View;
        var page = new List<Transition>();
        AppendNewestFirst(page, view.Current.Transitions, ask.CustomerId, ask.Limit);
        if (view.Merging is { } merging)
        {
            AppendNewestFirst(page, merging.Transitions, ask.CustomerId, ask.Limit);
        }

        if (page.Count < ask.Limit)
        {
            AppendMerged(page, connection, ask.CustomerId, ask.Limit);
        }

        return page;
    }

    private static void AppendMerged(List<Transition> page, ReadConnection connection, string customerId, int limit)
    {
        // A merge may have moved some of the page into the table meanwhile: what is not older is there already.
        var before = page.Count > 0 ? page[^1].Sequence : long.MaxValue;
        var (next, beforeMerge) = LastMerged(connection, customerId);
        while (next is { } sequence && page.Count < limit)
        {
            connection.Transition.Bind(1, sequence);
            if (connection.Transition.Step())
            {
                if (sequence < before)
                {
                    page.Add(ReadConnection.TransitionOf(connection.Transition));
                }

                next = connection.Transition.Int64OrNull(7);
                connection.Transition.Reset();
            }
            else
            {
                // A merge has written the customer and not yet the log: what it merges is in the page.
                (next, beforeMerge) = (beforeMerge, null);
            }
        }
    }

    private static (long? Last, long? BeforeMerge) LastMerged(ReadConnection connection, string customerId)
    {
        connection.Moved.BindText(1, customerId);
        if (!connection.Moved.Step())
        {
            return (null, null);
        }

        var last = (connection.Moved.Int64OrNull(0), connection.Moved.Int64OrNull(1));
        connection.Moved.Reset();
        return last;
    }

    private static long? OldestUnmerged(UnmergedView view)
    {
        if (view.Merging is { } merging && merging.Transitions is [var oldest, ..])
        {
            return oldest.Sequence;
        }

        return view.Current.Transitions is [var first, ..] ? first.Sequence : null;
    }

    private static void Append(List<Transition> page, ReadOnlySpan<Transition> log, long afterSequence, int limit)
    {
        var after = page.Count > 0 ? page[^1].Sequence : afterSequence;
        for (var index = FirstBeyond(log, after); index < log.Length && page.Count < limit; index++)
        {
            page.Add(log[index]);
        }
    }

    private static int FirstBeyond(ReadOnlySpan<Transition> log, long sequence)
    {
        var (low, high) = (0, log.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (log[middle].Sequence > sequence)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }

    private static void AppendNewestFirst(List<Transition> page, ReadOnlySpan<Transition> log, string customerId, int limit)
    {
        for (var index = log.Length - 1; index >= 0 && page.Count < limit; index--)
        {
            if (log[index].CustomerId == customerId)
            {
                page.Add(log[index]);
            }
        }
    }
}
