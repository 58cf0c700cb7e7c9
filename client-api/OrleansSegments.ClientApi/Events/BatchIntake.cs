using Microsoft.Extensions.Options;
using Orleans;
using OrleansSegments.ClientApi.Clocks;
using OrleansSegments.ClientApi.Metrics;
using OrleansSegments.ClientApi.Settings;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.ClientApi.Events;

/// <summary>Routes what was read of a body of events, wherever it came from; counts what became of every event and lists the refused ones.</summary>
internal sealed class BatchIntake(
    IGrainFactory grains, IOptions<ClientApiOptions> options, ClientApiMetrics metrics, StoreClock clock, RejectionLog rejections) : IEventIntake
{
    private readonly IngestionLimits _limits = IngestionLimits.Of(options.Value);

    public async Task<IntakeReceipt> TakeAsync(ReadOnlyMemory<byte> body)
    {
        using var batch = EventBatchReader.Read(body, kind: null, _limits, clock.Real.GetUtcNow(), clock.ReplayedNow);
        if (batch.Error is not null)
        {
            metrics.Refused(batch.Error);
            return new IntakeReceipt(new RouteReceipt(RouteStatus.Durable, 0, 0, []), batch.Error.Message);
        }

        return new IntakeReceipt(await RouteAsync(batch, kind: null), null);
    }

    /// <summary>The receipt's rejections are those of reading and of routing, ordered by their index in the body.</summary>
    /// <param name="kind">The kind named by the path; null for a batch.</param>
    public async Task<RouteReceipt> RouteAsync(ReadBatch batch, EventKind? kind)
    {
        var receipt = batch.Events.Length == 0
            ? new RouteReceipt(RouteStatus.Durable, 0, 0, [])
            : await grains.GetGrain<IEventRouter>(0).Route(new EventBatch(batch.Events));
        if (receipt.Status != RouteStatus.Durable)
        {
            return receipt;
        }

        foreach (var rejection in receipt.Rejected)
        {
            batch.Rejected.Add(batch.Places is null ? rejection : rejection with { Index = batch.Places[rejection.Index] });
        }

        batch.Rejected.Sort((left, right) => left.Index.CompareTo(right.Index));
        metrics.EventsAccepted.Add(receipt.Accepted);
        metrics.EventsDuplicate.Add(receipt.Duplicates);
        Reject(batch, kind);
        return receipt with { Rejected = [.. batch.Rejected] };
    }

    /// <summary>Counts and lists the rejected events of a batch.</summary>
    public void Reject(ReadBatch batch, EventKind? kind)
    {
        metrics.EventsRejected.Add(batch.Rejected.Count);
        rejections.Add(batch, batch.Rejected, kind);
    }
}
