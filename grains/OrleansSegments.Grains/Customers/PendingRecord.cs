using System.Threading.Tasks.Sources;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Customers;

/// <summary>
/// A customer's record on its way to the store, and the answer to whoever waits for it, in one object of about 110 bytes: an event costs no task,
/// no continuation and no turn beside it. The answer may be awaited once; further ones wait for <see cref="WhenEnded"/>.
/// </summary>
internal sealed class PendingRecord(CustomerGrain owner, PendingRecord? before, CustomerRecord record, int applied, int duplicates)
    : ICommitListener, IValueTaskSource<RecordReceipt>
{
    // Callers go on elsewhere: their code must not run on the commit thread.
    private ManualResetValueTaskSourceCore<RecordStatus> _core = new() { RunContinuationsAsynchronously = true };
    private TaskCompletionSource<CommitOutcome>? _ended;
    private CommitOutcome? _outcome;
    private PendingRecord? _before = before;

    public CustomerRecord Record => record;

    /// <summary>The answer; to be awaited once.</summary>
    public ValueTask<RecordReceipt> Receipt => new(this, _core.Version);

    /// <summary>The record of the same customer that was handed in before this one and is still on its way; a refusal may overtake it.</summary>
    public PendingRecord? StillBefore => Volatile.Read(ref _before) is { HasEnded: false } before ? before : null;

    public bool HasEnded
    {
        get
        {
            lock (this)
            {
                return _outcome is not null;
            }
        }
    }

    /// <summary>What became of the commit, for those who did not hand it in.</summary>
    public Task<CommitOutcome> WhenEnded()
    {
        lock (this)
        {
            _ended ??= new TaskCompletionSource<CommitOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_outcome is { } outcome)
            {
                _ended.TrySetResult(outcome);
            }

            return _ended.Task;
        }
    }

    public void Ended(CommitOutcome outcome)
    {
        owner.Take(record, outcome);
        lock (this)
        {
            _outcome = outcome;
            _ended?.TrySetResult(outcome);
        }

        owner.Forget(this);
        Volatile.Write(ref _before, null);
        owner.Answer(this, outcome);
    }

    /// <summary>Gives the answer.</summary>
    public void Complete(RecordStatus status) => _core.SetResult(status);

    RecordReceipt IValueTaskSource<RecordReceipt>.GetResult(short token) =>
        _core.GetResult(token) is var status && status == RecordStatus.Durable
            ? new RecordReceipt(status, applied, duplicates)
            : new RecordReceipt(status, 0, 0);

    ValueTaskSourceStatus IValueTaskSource<RecordReceipt>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<RecordReceipt>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
