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

    private const string FilterDescription =
        "`segment` selects the transitions from or to a segment, `cause` those for a cause (event, time, model, consent, erasure, merge); each may be given several times.";

    /// <summary>Transitions that one filtered answer reads: a tenth of a second of either store.</summary>
    private const int FilteredRowsMax = 50_000;

    public static RouteGroupBuilder MapChanges(this RouteGroupBuilder v1)
    {
        var changes = v1.MapGroup("changes").RequireKey(KeyRights.Read).WithTags("Changes");
        changes.MapGet("", ReadAsync)
            .WithName("changes").WithSummary("Transitions after a sequence, oldest first; from the start without one")
            .WithDescription(
                FilterDescription + $" With a filter an answer reads {FilteredRowsMax:N0} transitions at most and may have fewer than asked for, or none, although more follow: go on until nextAfter stays.")
            .Produces<ChangesAnswer>().ProducesErrors(400, 401, 403, 429, 503);
        changes.MapGet("stream", StreamAsync)
            .RequireRateLimiting(StreamLimit)
            .WithName("changes-stream").WithSummary("Transitions as server-sent events")
            .WithDescription(
                "Each event's id is the transition's sequence. A client that comes back sends the last one as Last-Event-ID and misses nothing. "
                + "Without Last-Event-ID and without after, the stream starts with the next transition. Comment lines keep the connection alive. " + FilterDescription
                + " Events of the kind position say how far the log was read: at the beginning, and where a filter leaves transitions out. "
                + $"A client that takes nothing for {SlowReaders.StandstillMax.TotalSeconds:0} s is cut off.")
            .Produces(StatusCodes.Status200OK, contentType: "text/event-stream").ProducesErrors(400, 401, 403, 429, 503);
        return v1;
    }

    private static async Task<IResult> ReadAsync(string? after, string? limit, string[]? segment, string[]? cause, IGrainFactory grains)
    {
        if (!QueryParameters.TryReadSequence("after", after, out var sequence, out var error)
            || !QueryParameters.TryReadLimit(limit, out var count, out error)
            || !ChangeFilter.TryRead(segment, cause, out var filter, out error))
        {
            return error!.ToResult();
        }

        var found = new List<TransitionView>();
        var nextAfter = sequence ?? 0;
        var rows = 0;
        bool isPageFull;
        do
        {
            // Without a filter the first page has everything that was asked for.
            var asked = filter.PassesEverything ? count : QueryParameters.PageSizeMax;
            var page = await grains.GetGrain<IChangeFeed>(0).Read(nextAfter, asked, TimeSpan.Zero);
            var passed = filter.Of(page);
            var taken = passed.AsSpan(0, Math.Min(passed.Length, count - found.Count));
            found.AddRange(taken);
            nextAfter = taken.Length < passed.Length ? taken[^1].Sequence : page is [.., var last] ? last.Sequence : nextAfter;
            rows += page.Length;
            isPageFull = page.Length == asked;
        }
        while (isPageFull && found.Count < count && rows < FilteredRowsMax);
        return Results.Json(new ChangesAnswer([.. found], nextAfter), ChangesJson.Default.ChangesAnswer);
    }

    private static async Task<IResult> StreamAsync(
        HttpContext context, string? after, string[]? segment, string[]? cause, IGrainFactory grains, ChangeStreams streams)
    {
        if (!ChangeFilter.TryRead(segment, cause, out var filter, out var error))
        {
            return error!.ToResult();
        }

        // A reconnecting browser sends the header to the URL it first used, so the header takes precedence over the query's after.
        var header = context.Request.Headers[LastEventId].ToString();
        var resumed = header.Length > 0;
        if (!QueryParameters.TryReadSequence(resumed ? LastEventId : "after", resumed ? header : after, out var sequence, out error))
        {
            return error!.ToResult();
        }

        var start = sequence ?? (await grains.GetGrain<ISegmentCensus>(0).Take(withStatistics: false)).Sequence;
        await streams.StreamAsync(context, start, filter);
        return Results.Empty;
    }
}

/// <summary>Transitions, oldest first.</summary>
/// <param name="NextAfter">How far the log was read; pass it as after to read the next page. Unchanged when there is nothing new.</param>
internal sealed record ChangesAnswer(TransitionView[] Changes, long NextAfter);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, Converters = [typeof(FiniteDoubleConverter)])]
[JsonSerializable(typeof(ChangesAnswer))]
[JsonSerializable(typeof(TransitionView))]
internal sealed partial class ChangesJson : JsonSerializerContext;
