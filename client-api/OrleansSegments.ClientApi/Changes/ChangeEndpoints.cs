using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orleans;
using OrleansSegments.ClientApi.Json;
using OrleansSegments.ClientApi.Keys;
using OrleansSegments.ClientApi.OpenApi;
using OrleansSegments.ClientApi.Queries;
using OrleansSegments.Contracts.Changes;
using OrleansSegments.Contracts.Segments;

namespace OrleansSegments.ClientApi.Changes;

/// <summary>The transition log, read in pages or as a stream.</summary>
internal static class ChangeEndpoints
{
    /// <summary>Name of the limit on open streams, as error messages show it.</summary>
    public const string StreamLimit = "change streams";

    private const string LastEventId = "Last-Event-ID";

    public static RouteGroupBuilder MapChanges(this RouteGroupBuilder v1)
    {
        var changes = v1.MapGroup("changes").RequireKey(KeyRights.Read).WithTags("Changes");
        changes.MapGet("", ReadAsync)
            .WithName("changes").WithSummary("Transitions after a sequence, oldest first; from the start without one")
            .Produces<ChangesAnswer>().ProducesErrors(400, 401, 403, 429, 503);
        changes.MapGet("stream", StreamAsync)
            .RequireRateLimiting(StreamLimit)
            .WithName("changes-stream").WithSummary("Transitions as server-sent events")
            .WithDescription(
                "Each event's id is the transition's sequence. A client that comes back sends the last one as Last-Event-ID and misses nothing. "
                + "Without Last-Event-ID and without after, the stream starts with the next transition. Comment lines keep the connection alive.")
            .Produces(StatusCodes.Status200OK, contentType: "text/event-stream").ProducesErrors(400, 401, 403, 429, 503);
        return v1;
    }

    private static async Task<IResult> ReadAsync(string? after, string? limit, IGrainFactory grains)
    {
        if (!QueryParameters.TryReadSequence("after", after, out var sequence, out var error)
            || !QueryParameters.TryReadLimit(limit, out var count, out error))
        {
            return error!.ToResult();
        }

        var start = sequence ?? 0;
        var changes = await grains.GetGrain<IChangeFeed>(0).Read(start, count, TimeSpan.Zero);
        return Results.Json(new ChangesAnswer(changes, changes is [.., var last] ? last.Sequence : start), ChangesJson.Default.ChangesAnswer);
    }

    private static async Task<IResult> StreamAsync(HttpContext context, string? after, IGrainFactory grains, ChangeStreams streams)
    {
        // A reconnecting browser sends the header to the URL it first used, so the header takes precedence over the query's after.
        var header = context.Request.Headers[LastEventId].ToString();
        var resumed = header.Length > 0;
        if (!QueryParameters.TryReadSequence(resumed ? LastEventId : "after", resumed ? header : after, out var sequence, out var error))
        {
            return error!.ToResult();
        }

        var start = sequence ?? (await grains.GetGrain<ISegmentCensus>(0).Take(withStatistics: false)).Sequence;
        await streams.StreamAsync(context, start);
        return Results.Empty;
    }
}

/// <summary>Transitions, oldest first.</summary>
/// <param name="NextAfter">Pass as after to read the next page; unchanged when there is nothing new.</param>
internal sealed record ChangesAnswer(TransitionView[] Changes, long NextAfter);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, Converters = [typeof(FiniteDoubleConverter)])]
[JsonSerializable(typeof(ChangesAnswer))]
[JsonSerializable(typeof(TransitionView))]
internal sealed partial class ChangesJson : JsonSerializerContext;
