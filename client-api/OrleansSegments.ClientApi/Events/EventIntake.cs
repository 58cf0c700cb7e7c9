using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Orleans;
using OrleansSegments.ClientApi.Clocks;
using OrleansSegments.ClientApi.Console.Live;
using OrleansSegments.ClientApi.Errors;
using OrleansSegments.ClientApi.Json;
using OrleansSegments.ClientApi.Keys;
using OrleansSegments.ClientApi.Metrics;
using OrleansSegments.ClientApi.Queries;
using OrleansSegments.ClientApi.Settings;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.ClientApi.Events;

/// <summary>
/// Handles one ingestion request, from reading the body to the answer. Answers 200 only when all accepted events are durable.
/// </summary>
internal sealed class EventIntake(
    BatchIntake batches,
    KeyRing keys,
    IngestionRoom room,
    KeyLimits keyLimits,
    IOptions<ClientApiOptions> options,
    ClientApiMetrics metrics,
    StoreClock clock,
    EventTail tail)
{
    private readonly IngestionLimits _limits = IngestionLimits.Of(options.Value);

    /// <param name="kind">The kind named by the path; null for a batch.</param>
    public async Task<IResult> TakeAsync(HttpContext context, EventKind? kind)
    {
        var started = clock.Real.GetTimestamp();
        try
        {
            using var held = await room.EnterAsync(context.Request);
            return held.Refusal is { } full ? Refuse(full) : await ReadAndRouteAsync(context, kind, held);
        }
        finally
        {
            metrics.RequestDuration.Record(clock.Real.GetElapsedTime(started).TotalSeconds);
        }
    }

    private async Task<IResult> ReadAndRouteAsync(HttpContext context, EventKind? kind, HeldRoom held)
    {
        var body = await RequestBody.ReadAsync(context.Request, _limits.RequestBytesMax, held.Grow, context.RequestAborted);
        if (body.Error is not null)
        {
            return Refuse(body.Error);
        }

        using var batch = EventBatchReader.Read(body.Bytes, kind, _limits, clock.Real.GetUtcNow(), clock.ReplayedNow);
        var answer = await CheckAndRouteAsync(context, kind, batch);

        // Reached only when the router has answered, or was not asked: it then reads none of the events any more.
        body.Release();
        return answer;
    }

    private async Task<IResult> CheckAndRouteAsync(HttpContext context, EventKind? kind, ReadBatch batch)
    {
        var presented = PresentedKeys.Of(context.Request, keys).With(batch.WriteKey, keys);
        if (!presented.Rights.HasFlag(KeyRights.Write))
        {
            return Refuse(KeyErrors.For(presented, KeyRights.Write));
        }

        if (keyLimits.RefusalOf(presented.Writer!) is { } tooMany)
        {
            return Refuse(tooMany);
        }

        if (batch.Error is not null)
        {
            return Refuse(batch.Error);
        }

        var answer = await CheckEventsAndRouteAsync(batch, kind);
        if (tail.IsWatched)
        {
            var refusal = (answer as ApiErrorResult)?.Error.Message;
            tail.Tell(presented.Writer!, clock.Real.GetUtcNow(), refusal is null ? Taken(batch) : [], batch.Rejected, batch.Rejected.Count == 0 ? refusal : null);
        }

        return answer;
    }

    /// <summary>The events of an accepted request that were not rejected one by one.</summary>
    private static CustomerEvent[] Taken(ReadBatch batch)
    {
        var rejected = batch.Rejected.Select(rejection => rejection.Index).ToHashSet();
        return [.. batch.Events.Where((_, index) => !rejected.Contains(batch.Places is null ? index : batch.Places[index]))];
    }

    private async Task<IResult> CheckEventsAndRouteAsync(ReadBatch batch, EventKind? kind)
    {
        // A bad event in a batch is listed in the answer; a bad single event refuses the request.
        if (kind is not null && batch.Rejected is [var only])
        {
            batches.Reject(batch, kind);
            return Refuse(ApiError.BadRequest(only.Code, only.Message));
        }

        var receipt = await batches.RouteAsync(batch, kind);
        return receipt.Status switch
        {
            RouteStatus.Durable => Results.Json(new IngestionAnswer(true, receipt.Accepted, receipt.Duplicates, receipt.Rejected), IngestionJson.Default.IngestionAnswer),
            RouteStatus.Overloaded => Refuse(ServiceErrors.Overloaded("Too much is waiting to be stored.", room.RetryAfterSeconds)),
            _ => Refuse(ServiceErrors.Unavailable),
        };
    }

    private IResult Refuse(ApiError error)
    {
        metrics.Refused(error);
        return error.ToResult();
    }
}

/// <summary>The limits applied while a request is read.</summary>
internal sealed record IngestionLimits(int RequestBytesMax, int EventBytesMax, int RequestEventsMax, long FutureToleranceMilliseconds)
{
    /// <summary>
    /// Maximum length of names and message ids, in UTF-16 units; the Segment specification asks clients to stay below 100.
    /// </summary>
    public const int NameLengthMax = 255;

    /// <summary>How far an event may lie in the future, after the correction for the client's clock, before it counts as received now: what that correction leaves.</summary>
    public static readonly TimeSpan FutureTolerance = TimeSpan.FromMinutes(1);

    public static IngestionLimits Of(ClientApiOptions options) => new(
        options.RequestBytesMax, options.EventBytesMax, options.RequestEventsMax, (long)FutureTolerance.TotalMilliseconds);
}

/// <summary>The answer once the accepted events are durable.</summary>
/// <param name="Accepted">Events whose effect is now durable, without duplicates.</param>
/// <param name="Duplicates">Events that were already counted before.</param>
/// <param name="Rejected">Events that can never be accepted; do not send them again.</param>
internal sealed record IngestionAnswer(bool Success, int Accepted, int Duplicates, IReadOnlyList<EventRejection> Rejected);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, Converters = [typeof(FiniteDoubleConverter)])]
[JsonSerializable(typeof(IngestionAnswer))]
internal sealed partial class IngestionJson : JsonSerializerContext;
