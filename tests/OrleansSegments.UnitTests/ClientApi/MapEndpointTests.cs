using System.Net;
using OrleansSegments.ClientApi.Clocks;
using OrleansSegments.Contracts.Changes;
using OrleansSegments.Contracts.Segments;
using Xunit;

namespace OrleansSegments.UnitTests.ClientApi;

/// <summary>The map of the customers and the flows between the segments.</summary>
public sealed class MapEndpointTests
{
    [Theory]
    [InlineData("", 1_000)]
    [InlineData("?customers=10", 10)]
    [InlineData("?customers=99999999999", 5_000)]
    public async Task A_map_names_its_axes_its_centroids_and_its_points(string query, int asked)
    {
        await using var host = await ApiHost.StartAsync();
        var (response, json) = await host.GetAsync("/v1/segments/map" + query);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(
            """{"asOf":"2026-03-01T12:00:00+00:00","clock":"system","modelVersion":4,"reason":null"""
            + ""","axes":[{"varianceShare":0.5,"features":[{"feature":"spend","loading":-0.75}]}]"""
            + ""","centroids":[{"segmentId":"s2","name":"big spenders","x":0.5,"y":-1}]"""
            + $$""","points":[{"customerId":"asked for {{asked}}","segmentId":"s2","x":1.5,"y":0}]}""",
            json.GetRawText());
    }

    [Theory]
    [InlineData("", "2026-02-28T12:00:00+00:00", "2026-03-01T12:00:00+00:00")]
    [InlineData("?from=2026-02-01", "2026-02-01T00:00:00+00:00", "2026-03-01T12:00:00+00:00")]
    [InlineData("?to=2026-02-03T04:05Z", "2026-02-02T04:05:00+00:00", "2026-02-03T04:05:00+00:00")]
    [InlineData("?from=2026-02-03T04:05:06.5%2B01:00&to=2026-02-03T04:05:06", "2026-02-03T03:05:06.5+00:00", "2026-02-03T04:05:06+00:00")]
    public async Task Flows_are_counted_between_two_instants_or_in_the_last_day(string query, string from, string to)
    {
        await using var host = await ApiHost.StartAsync();
        var (response, json) = await host.GetAsync("/v1/segments/flows" + query);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(
            $$"""{"from":"{{from}}","to":"{{to}}","clock":"system","since":"{{to}}","cut":true,"flows":[{"from":null,"to":"s2","cause":"event","count":3}]}""",
            json.GetRawText());
    }

    [Fact]
    public async Task The_last_day_of_a_replayed_store_is_that_of_its_clock()
    {
        var end = new DateTimeOffset(2011, 12, 9, 12, 50, 0, TimeSpan.Zero);
        await using var host = await ApiHost.StartAsync(clock: new StoreClock(new TestTime(end), new TestTime()));
        var (_, json) = await host.GetAsync("/v1/segments/flows");
        Assert.Equal((end.AddDays(-1), end, "replayed"), (
            json.GetProperty("from").GetDateTimeOffset(), json.GetProperty("to").GetDateTimeOffset(), json.GetProperty("clock").GetString()));
    }

    [Theory]
    [InlineData("/v1/segments/map?customers=9", "invalid_customers")]
    [InlineData("/v1/segments/map?customers=many", "invalid_customers")]
    [InlineData("/v1/segments/flows?from=yesterday", "invalid_from")]
    [InlineData("/v1/segments/flows?from=03/01/2026", "invalid_from")]
    [InlineData("/v1/segments/flows?to=0001-01-01", "invalid_to")]
    [InlineData("/v1/segments/flows?to=", "invalid_to")]
    [InlineData("/v1/segments/flows?from=2026-03-02T00:00:00Z", "invalid_from")]
    [InlineData("/v1/segments/flows?from=2026-02-02T00:00:00Z&to=2026-02-02T00:00:00Z", "invalid_from")]
    public async Task A_bad_value_is_400_and_the_message_names_it(string path, string code)
    {
        await using var host = await ApiHost.StartAsync();
        var (response, json) = await host.GetAsync(path);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(code, json.GetProperty("error").GetProperty("code").GetString());
    }
}

/// <summary>One axis, one centroid, one point that says how many were asked for.</summary>
internal sealed class FakeSegmentMap : ISegmentMap
{
    public Task<SegmentMap> Take(int customers) => Task.FromResult(new SegmentMap(
        TestTime.Noon,
        4,
        null,
        [new MapAxis(0.5, [new AxisFeature("spend", -0.75)])],
        [new MapCentroid("s2", "big spenders", 0.5f, -1)],
        [new MapPoint($"asked for {customers}", "s2", 1.5f, 0)]));
}
