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
    public static async ValueTask<(CustomerRecord? Durable, LiveModel Model)> RefreshAsync(this CustomerGrain grain, CustomerServices services, string customerId)
    {
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
        return (await services.Store.ReadAsync(customerId, CancellationToken.None), services.Models.Current);
    }
}
