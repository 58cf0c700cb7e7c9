using System.Threading.Tasks.Sources;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Grains.Models;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Customers;

/// <summary>Waits for commits of one customer that are on their way to the store.</summary>
internal static class CommitWaits
{
    /// <summary>How often an answer waits for what changed while it waited.</summary>
    private const int RefreshAttemptsMax = 8;

    /// <summary>Waits until a version is in the store, or will never be.</summary>
    public static async ValueTask<RecordStatus> DurabilityAsync(this CustomerGrain grain, long version)
    {
        while (true)
        {
            Task? end = grain.NextEnd(out LiveCustomerState.Ends ends);
            if (ends.Through >= version)
            {
                return RecordStatus.Durable;
            }

            if (end is null || ends.Refusal is not null)
            {
                return ends.Refusal ?? RecordStatus.Conflict;
            }

            await end;
        }
    }

    /// <summary>The first copies of repeated events may still be on their way to the store; a repeat is acknowledged no sooner than they are.</summary>
    public static async ValueTask<RecordReceipt> RepeatAsync(this CustomerGrain grain, long version, int duplicates)
    {
        RecordStatus status = await grain.DurabilityAsync(version);
        return new(status, 0, status == RecordStatus.Durable ? duplicates : 0);
    }

    /// <summary>
    /// Brings the customer to the present before it answers, so that an answer never names an outdated segment, and waits until what it
    /// answers is in the store. Whatever is awaited, a model may be published meanwhile; the answer is given under the model that the record was
    /// just compared with.
    /// </summary>
    public static async ValueTask<(CustomerRecord? Durable, LiveModel Model)> RefreshAsync(this CustomerGrain grain)
    {
        CustomerServices services = grain.Services;
        for (int attempt = 0; attempt < RefreshAttemptsMax; attempt++)
        {
            LiveModel model = services.Models.Current;
            if (!grain.TryCopy(out CustomerRecord? record))
            {
                break;
            }

            if (record is null)
            {
                return (null, model);
            }

            if (!record.IsInPopulation)
            {
                if (await grain.DurabilityAsync(record.Version) == RecordStatus.Durable)
                {
                    return (record, model);
                }

                continue;
            }

            var placement = services.Evaluator.Place(model, record, record.State, services.Clock.GetUtcNow().ToUnixTimeMilliseconds());
            if (placement.SegmentId != record.SegmentId)
            {
                bool byModel = record.ModelVersion < model.Version && !model.RolloutComplete;
                await grain.TryReconsider(byModel ? ReconsiderReason.Model : ReconsiderReason.Time);
            }
            else if (await grain.DurabilityAsync(record.Version) == RecordStatus.Durable && services.Models.Current == model)
            {
                return (record, model);
            }
        }

        // What this activation holds is not what the store has, or it changes faster than it can be asked.
        return (await services.Store.ReadAsync(grain.CustomerId, CancellationToken.None), services.Models.Current);
    }
}

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
            status = (receipt ?? await owner.Services.ByMailbox(owner.CustomerId).Reconsider(ReconsiderReason.Model).ConfigureAwait(false)).Status;
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
