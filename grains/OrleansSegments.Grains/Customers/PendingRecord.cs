using System.Threading.Tasks.Sources;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Customers;

/// <summary>
/// A customer's record on its way to the store, and the answer to whoever handed it in, in one object: an event costs no task, no
/// continuation and no turn beside it. The grain has no reference to it, which would be a new object behind an old one.
/// </summary>
/// <param name="version">The record's.</param>
/// <param name="modelVersion">The record's.</param>
internal sealed class PendingRecord(CustomerGrain owner, long version, int modelVersion, int applied, int duplicates)
    : ICommitListener, IValueTaskSource<RecordReceipt>
{
    // Callers go on elsewhere: their code must not run on the commit thread.
    private ManualResetValueTaskSourceCore<RecordStatus> _core = new() { RunContinuationsAsynchronously = true };

    /// <summary>The answer; to be awaited once.</summary>
    public ValueTask<RecordReceipt> Receipt => new(this, _core.Version);

    public void Ended(CommitOutcome outcome)
    {
        owner.Take(version, outcome);
        if (outcome == CommitOutcome.Committed && owner.IsBehindModel(version, modelVersion))
        {
            _ = FollowModel();
        }
        else
        {
            _core.SetResult(LiveCustomerState.StatusOf(outcome));
        }
    }

    /// <summary>
    /// A model that was published while the change was on its way would miss this customer, because the roll-out may have read the old record; so
    /// the customer is evaluated again before the caller is answered.
    /// </summary>
    private async Task FollowModel()
    {
        // Elsewhere than on the commit thread, which waits for nobody.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        RecordStatus status = RecordStatus.Unavailable;
        try
        {
            ReconsiderReceipt? receipt = await owner.TryReconsider(ReconsiderReason.Model).ConfigureAwait(false);
            status = (receipt ?? await owner.ByMailbox().Reconsider(ReconsiderReason.Model).ConfigureAwait(false)).Status;
        }
        finally
        {
            _core.SetResult(status);
        }
    }

    RecordReceipt IValueTaskSource<RecordReceipt>.GetResult(short token) =>
        _core.GetResult(token) is var status && status == RecordStatus.Durable
            ? new RecordReceipt(status, applied, duplicates)
            : new RecordReceipt(status, 0, 0);

    ValueTaskSourceStatus IValueTaskSource<RecordReceipt>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<RecordReceipt>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
