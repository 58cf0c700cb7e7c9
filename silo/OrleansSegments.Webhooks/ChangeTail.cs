using Orleans;
using OrleansSegments.Contracts.Changes;

namespace OrleansSegments.Webhooks;

/// <summary>
/// The newest transitions, read once for all webhooks of a silo. There is one long poll of the log however many wait for its end; a webhook that is further
/// behind reads the log itself. Thread-safe.
/// </summary>
internal sealed class ChangeTail(Func<long, int, TimeSpan, Task<TransitionView[]>> readLog)
{
    /// <summary>Transitions kept: a few seconds of the fastest log, some 3 MB.</summary>
    private const int KeptMax = 16_384;

    private const int PageRows = 1_000;

    /// <summary>A silo that stops waits for the end of a poll.</summary>
    private static readonly TimeSpan PollWait = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly TransitionView[] _kept = new TransitionView[KeptMax];
    private long _count;
    private long _beginsAfter = -1;
    private Task? _poll;

    public ChangeTail(IGrainFactory grains)
        : this((after, limit, wait) => grains.GetGrain<IChangeFeed>(0).Read(after, limit, wait))
    {
    }

    /// <summary>The sequence of the newest transition that was read; -1 before the first reading.</summary>
    public long Newest { get; private set; } = -1;

    /// <summary>Transitions after a sequence, oldest first; empty when none came for a while.</summary>
    public async Task<TransitionView[]> ReadAsync(long after, int limit, CancellationToken cancellationToken)
    {
        Task? poll;
        lock (_gate)
        {
            if (after > Newest)
            {
                // Whoever is furthest ahead says where the tail begins.
                (_count, _beginsAfter, Newest) = (0, after, after);
            }

            poll = after < _beginsAfter ? null
                : after < Newest ? Task.CompletedTask
                : _poll ??= PollAsync(after);
        }

        if (poll is null)
        {
            return await readLog(after, limit, PollWait).WaitAsync(cancellationToken);
        }

        await poll.WaitAsync(cancellationToken);
        lock (_gate)
        {
            return after < _beginsAfter ? [] : Page(after, limit);
        }
    }

    private async Task PollAsync(long after)
    {
        // Not under the lock of the caller.
        await Task.Yield();
        try
        {
            TransitionView[] page = await readLog(after, PageRows, PollWait);
            lock (_gate)
            {
                if (after == Newest)
                {
                    Append(page);
                }
            }
        }
        finally
        {
            lock (_gate)
            {
                _poll = null;
            }
        }
    }

    private void Append(TransitionView[] page)
    {
        foreach (TransitionView transition in page)
        {
            ref TransitionView place = ref _kept[_count++ % KeptMax];
            _beginsAfter = _count > KeptMax ? place.Sequence : _beginsAfter;
            place = transition;
            Newest = transition.Sequence;
        }
    }

    private TransitionView[] Page(long after, int limit)
    {
        long low = Math.Max(0, _count - KeptMax);
        for (long high = _count; low < high;)
        {
            long middle = (low + high) / 2;
            (low, high) = _kept[middle % KeptMax].Sequence > after ? (low, middle) : (middle + 1, high);
        }

        var page = new TransitionView[Math.Min(limit, _count - low)];
        for (int i = 0; i < page.Length; i++)
        {
            page[i] = _kept[(low + i) % KeptMax];
        }

        return page;
    }
}
