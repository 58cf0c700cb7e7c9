using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orleans;
using OrleansSegments.ClientApi.Clocks;
using OrleansSegments.ClientApi.Errors;
using OrleansSegments.ClientApi.Files;
using OrleansSegments.ClientApi.Keys;
using OrleansSegments.ClientApi.OpenApi;
using OrleansSegments.ClientApi.Queries;
using OrleansSegments.Contracts.Changes;
using OrleansSegments.Contracts.Segments;

namespace OrleansSegments.ClientApi.Segments;

/// <summary>Endpoints of segments: the list with sizes, the map, the flows between them, one segment, its members and its size history.</summary>
internal static class SegmentEndpoints
{
    private const int MapCustomersMin = 10;
    private const int MapCustomersMax = 5_000;
    private const int MapCustomersDefault = 1_000;

    private static readonly TimeSpan FlowsPeriodDefault = TimeSpan.FromDays(1);

    public static RouteGroupBuilder MapSegments(this RouteGroupBuilder v1)
    {
        var segments = v1.MapGroup("segments").RequireKey(KeyRights.Read).WithTags("Segments");
        segments.MapGet("", ListAsync)
            .WithName("segments").WithSummary("All segments at one moment; the sizes add up to the population")
            .Produces<SegmentsAnswer>().ProducesErrors(401, 403, 429, 503);
        segments.MapGet("map", MapAsync)
            .WithName("segments-map").WithSummary("Customers of a sample and the centroids of the segments on a plane")
            .WithDescription(
                "The axes are the first two principal components of the model's scaled space. The plane stays while the model stays, and the customers are the same from call to "
                + "call: points move on a map that does not. Before the first training the map is empty, and reason says so.")
            .Produces<SegmentMapAnswer>().ProducesErrors(400, 401, 403, 429, 503);
        segments.MapGet("flows", FlowsAsync)
            .WithName("segments-flows").WithSummary("How many customers went from which segment to which, by cause; in the last 24 hours without from and to")
            .WithDescription(
                "A flow without from is of new customers, one without to of customers whose id was merged into another. Counted among the newest 200,000 transitions: when cut is "
                + "true, the counts are complete only from since on.")
            .Produces<FlowsAnswer>().ProducesErrors(400, 401, 403, 429, 503);
        segments.MapGet("{id}", FindAsync)
            .WithName("segment").WithSummary("One segment with its lineage over the models")
            .Produces<SegmentAnswer>().ProducesErrors(401, 403, 404, 429, 503);
        segments.MapGet("{id}/members", MembersAsync)
            .WithName("segment-members").WithSummary("A segment's members, in pages; the order stays stable while members change")
            .WithDescription(FileAnswers.Description)
            .Produces<MembersAnswer>().ProducesErrors(400, 401, 403, 404, 429, 503);
        segments.MapGet("{id}/history", HistoryAsync)
            .WithName("segment-history").WithSummary("A segment's size over time, oldest first")
            .Produces<SegmentHistoryAnswer>().ProducesErrors(401, 403, 404, 429, 503);
        return v1;
    }

    private static async Task<IResult> ListAsync(IGrainFactory grains, StoreClock clock) =>
        Results.Json(SegmentsAnswer.Of(await Census(grains).Take(withStatistics: true), clock.Name), SegmentsJson.Default.SegmentsAnswer);

    private static async Task<IResult> MapAsync(string? customers, IGrainFactory grains, StoreClock clock) =>
        QueryParameters.TryReadCount("customers", customers, MapCustomersMin, MapCustomersMax, MapCustomersDefault, out var count, out var error)
            ? Results.Json(SegmentMapAnswer.Of(await grains.GetGrain<ISegmentMap>(0).Take(count), clock.Name), SegmentsJson.Default.SegmentMapAnswer)
            : error!.ToResult();

    private static async Task<IResult> FlowsAsync(string? from, string? to, IGrainFactory grains, StoreClock clock)
    {
        if (!QueryTimes.TryRead("from", from, out var begin, out var error) || !QueryTimes.TryRead("to", to, out var end, out error))
        {
            return error!.ToResult();
        }

        var until = end ?? clock.Store.GetUtcNow();
        var since = begin ?? until - FlowsPeriodDefault;
        return since < until
            ? Results.Json(FlowsAnswer.Of(await grains.GetGrain<IChangeFeed>(0).Flows(since, until), clock.Name), SegmentsJson.Default.FlowsAnswer)
            : QueryParameters.Invalid("from", $"{since:O}", $"it must be before to, which is {until:O}", "leave both out for the last 24 hours").ToResult();
    }

    private static async Task<IResult> FindAsync(string id, IGrainFactory grains, StoreClock clock)
    {
        if (!SegmentKey.TryParse(id, out var segmentId))
        {
            return Unknown(id);
        }

        var definition = await Segment(grains, segmentId).Describe();
        var census = await Census(grains).Take(withStatistics: true);
        var count = CountOf(census, segmentId);
        return definition is null && count is null
            ? Unknown(id)
            : Results.Json(SegmentAnswer.Of(SegmentKey.Of(segmentId), census, count, definition, clock.Name), SegmentsJson.Default.SegmentAnswer);
    }

    private static async Task<IResult> MembersAsync(
        HttpContext context, string id, string? cursor, string? limit, string? format, IGrainFactory grains, FileAnswers files)
    {
        if (!QueryParameters.IsShort("cursor", cursor, "leave it out for the first page", out var error)
            || !QueryParameters.TryReadLimit(limit, out var count, out error)
            || !FileFormats.TryRead(context.Request, format, out var file, out error))
        {
            return error!.ToResult();
        }

        if (!SegmentKey.TryParse(id, out var segmentId))
        {
            return Unknown(id);
        }

        if (file is { } fileFormat)
        {
            return await ExistsAsync(grains, segmentId) ? await files.MembersAsync(context, segmentId, fileFormat) : Unknown(id);
        }

        var page = await Segment(grains, segmentId).Members(string.IsNullOrEmpty(cursor) ? null : cursor, count);
        return page.CustomerIds.Length == 0 && !await ExistsAsync(grains, segmentId)
            ? Unknown(id)
            : Results.Json(new MembersAnswer(SegmentKey.Of(segmentId), page.CustomerIds, page.NextCursor), SegmentsJson.Default.MembersAnswer);
    }

    private static async Task<IResult> HistoryAsync(string id, IGrainFactory grains)
    {
        if (!SegmentKey.TryParse(id, out var segmentId))
        {
            return Unknown(id);
        }

        var samples = await Segment(grains, segmentId).History();
        return samples.Length == 0 && !await ExistsAsync(grains, segmentId)
            ? Unknown(id)
            : Results.Json(new SegmentHistoryAnswer(SegmentKey.Of(segmentId), samples), SegmentsJson.Default.SegmentHistoryAnswer);
    }

    private static async Task<bool> ExistsAsync(IGrainFactory grains, int segmentId) =>
        await Segment(grains, segmentId).Describe() is not null || CountOf(await Census(grains).Take(withStatistics: false), segmentId) is not null;

    private static SegmentCount? CountOf(SegmentCensus census, int segmentId)
    {
        var id = SegmentKey.Of(segmentId);
        return Array.Find(census.Segments, count => count.Id == id);
    }

    private static ISegmentGrain Segment(IGrainFactory grains, int segmentId) => grains.GetGrain<ISegmentGrain>(segmentId);

    private static ISegmentCensus Census(IGrainFactory grains) => grains.GetGrain<ISegmentCensus>(0);

    private static IResult Unknown(string id) =>
        ApiError.NotFound($"There is no segment \"{id}\"; ids look like \"s7\" and GET /v1/segments lists all segments.").ToResult();
}
