using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Commits;

/// <summary>Work waiting for a commit, with its callback.</summary>
internal abstract class PendingWork
{
    public abstract int Changes { get; }

    public abstract int Bytes { get; }

    /// <summary>Called once, by the commit thread or by the code that refuses the work.</summary>
    public abstract void Complete(CommitOutcome outcome);
}

/// <summary>One customer's change waiting for a commit.</summary>
internal sealed class PendingChange(CustomerChange change, ICommitListener listener) : PendingWork
{
    private const int FixedBytes = 100;
    private const int BytesPerMessage = 16;

    public CustomerChange Change => change;

    public override int Changes => 1;

    // Computed on the caller's thread, where the change is still in the cache.
    public override int Bytes { get; } = FixedBytes + (2 * change.CustomerId.Length) + change.Record.State.Length
        + (BytesPerMessage * change.Messages.Length) + BytesOf(change.Traits, change.CustomerId);

    public override void Complete(CommitOutcome outcome) => listener.Ended(outcome);

    private static int BytesOf(TraitEntry[] traits, string customerId)
    {
        var characters = 0;
        foreach (var entry in traits)
        {
            characters += entry.Trait.Length + entry.Value.Length + customerId.Length;
        }

        return 2 * characters;
    }
}

/// <summary>A part of a bulk update of deadlines waiting for a commit.</summary>
/// <param name="areExact">True to list the customers in the index at exactly these times, no longer earlier.</param>
internal sealed class PendingDeadlines(ArraySegment<DeadlineUpdate> updates, bool areExact = false) : PendingWork
{
    private const int BytesPerUpdate = 120;

    // Run continuations on other threads, not on the commit thread.
    private readonly TaskCompletionSource<CommitOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<CommitOutcome> Outcome => _outcome.Task;

    public ArraySegment<DeadlineUpdate> Updates => updates;

    public bool AreExact => areExact;

    public override int Changes => updates.Count;

    public override int Bytes => BytesPerUpdate * updates.Count;

    public override void Complete(CommitOutcome outcome) => _outcome.SetResult(outcome);
}

/// <summary>Counts queued and unanswered work over all queues of one store, and refuses work beyond the limits.</summary>
internal sealed class WaitingWork(CommitLimits limits)
{
    private const int NarrowFactor = 8;

    private readonly Lock _gate = new();
    private int _changes;
    private long _bytes;
    private bool _isNarrow;

    public int Changes => Volatile.Read(ref _changes);

    /// <summary>While narrow, only an eighth of the limits may be queued, because commits are slow.</summary>
    public void Narrow(bool isNarrow)
    {
        lock (_gate)
        {
            _isNarrow = isNarrow;
        }
    }

    /// <summary>Counts the work unless a limit is reached; work larger than a limit is admitted when nothing else is queued.</summary>
    public bool TryEnter(PendingWork work, bool isLimited)
    {
        lock (_gate)
        {
            var factor = _isNarrow ? NarrowFactor : 1;
            if (isLimited && (_changes >= limits.ChangesWaitingMax / factor || _bytes + work.Bytes > limits.BytesWaitingMax / factor) && _changes > 0)
            {
                return false;
            }

            _changes += work.Changes;
            _bytes += work.Bytes;
            return true;
        }
    }

    public void Leave(List<PendingWork> batch)
    {
        var changes = 0;
        var bytes = 0L;
        foreach (var work in batch)
        {
            changes += work.Changes;
            bytes += work.Bytes;
        }

        lock (_gate)
        {
            _changes -= changes;
            _bytes -= bytes;
        }
    }
}

/// <summary>Result of queuing work.</summary>
internal enum CommitAdmission
{
    Waiting,
    Full,
    Closed,
}

/// <summary>How much one commit may hold, how much may wait for commits, and how far apart commits begin. Only tests choose other values.</summary>
/// <param name="CommitInterval">How far apart commits begin at least while changes come several at a time, so that they are written together.</param>
internal sealed record CommitLimits(TimeSpan CommitInterval)
{
    /// <summary>The most changes in one commit: some 50 ms of what a store takes at most, so that no caller waits long for a large commit.</summary>
    public int CommitChangesMax { get; init; } = 8_192;

    /// <summary>The most bytes of states and ids in one commit: as many changes with states of 1 KB. One larger change still commits, alone.</summary>
    public int CommitBytesMax { get; init; } = 8 * 1024 * 1024;

    /// <summary>The most changes that wait for a commit; above it a change is refused as overloaded. A store takes as many in a second or less.</summary>
    public int ChangesWaitingMax { get; init; } = 100_000;

    /// <summary>The most bytes that wait for a commit; above it a change is refused as overloaded. It bounds the memory where states are large.</summary>
    public long BytesWaitingMax { get; init; } = 128L * 1024 * 1024;
}
