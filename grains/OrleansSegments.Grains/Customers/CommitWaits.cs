using System.Threading.Tasks.Sources;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Grains.Models;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Customers;

/// <summary>Waits for a customer's pending commits.</summary>
internal static class CommitWaits
{
    /// <summary>How often a read is repeated when the customer changes while it waits.</summary>
    private const int RefreshAttemptsMax = 8;

    /// <summary>Waits until a version is durable or has definitely failed.</summary>
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

    /// <summary>Acknowledges repeated events only when the first copies are durable; their commit may still be pending.</summary>
    public static async ValueTask<RecordReceipt> RepeatAsync(this CustomerGrain grain, long version, int duplicates)
    {
        RecordStatus status = await grain.DurabilityAsync(version);
        return new(status, 0, status == RecordStatus.Durable ? duplicates : 0);
    }

    /// <summary>
    /// Evaluates the customer now, so that an answer never names an outdated segment, and waits until the answered record is durable. A
    /// model may be published during the waits, so the loop ends only when the record was evaluated under the current model.
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
/// A pending commit and the answer to its caller in one object, so that an event needs no task, continuation or extra turn. The grain keeps
/// no reference to it, because that would be an old-to-young reference for the garbage collector.
/// </summary>
/// <param name="version">Version of the committed record.</param>
/// <param name="modelVersion">Model version of the committed record.</param>
internal sealed class PendingRecord(CustomerGrain owner, long version, int modelVersion, int applied, int duplicates)
    : ICommitListener, IValueTaskSource<RecordReceipt>
{
    // Run callers' continuations on other threads, not on the commit thread.
    private ManualResetValueTaskSourceCore<RecordStatus> _core = new() { RunContinuationsAsynchronously = true };

    /// <summary>The answer; await it only once.</summary>
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
    /// The roll-out may have read the old record of a customer whose commit was pending when the model was published, and would then miss
    /// it; so the customer is evaluated again before the caller gets the answer.
    /// </summary>
    private async Task FollowModel()
    {
        // Leave the commit thread, which must never wait.
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
