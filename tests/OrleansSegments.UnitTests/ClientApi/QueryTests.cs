using System.Net;
using System.Text.Json;
using Xunit;

namespace OrleansSegments.UnitTests.ClientApi;

public sealed class QueryTests
{
    [Fact]
    public async Task A_customer_answer_has_all_documented_fields()
    {
        await using var host = await ApiHost.StartAsync();
        var (_, json) = await host.GetAsync("/v1/customers/ada");
        Assert.Equal(
            ["id", "segment", "asOf", "clock", "features", "traits", "consent", "firstEventAt", "lastEventAt", "eventCount", "aliases"],
            json.EnumerateObject().Select(property => property.Name));
        Assert.Equal(["id", "name", "since", "modelVersion"], json.GetProperty("segment").EnumerateObject().Select(property => property.Name));
        Assert.Equal(12.5, json.GetProperty("features").GetProperty("spend").GetDouble());
        Assert.Equal(JsonValueKind.Null, json.GetProperty("features").GetProperty("gap").ValueKind);
        Assert.Equal("Köln", json.GetProperty("traits").GetProperty("city").GetString());
        Assert.Equal("{}", json.GetProperty("consent").GetRawText());
    }

    [Theory]
    [InlineData("ada", "/v1/customers/ada")]
    [InlineData("Jörg 😀", "/v1/customers/J%C3%B6rg%20%F0%9F%98%80")]
    [InlineData("a/b", "/v1/customers/a%2Fb")]
    [InlineData("a%2Fb", "/v1/customers/a%252Fb")]
    [InlineData("a+b&c?d", "/v1/customers/a%2Bb%26c%3Fd?x=/")]
    public async Task Any_id_can_be_queried(string id, string path)
    {
        await using var host = await ApiHost.StartAsync(customerId: id);
        var (response, json) = await host.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(id, json.GetProperty("id").GetString());
    }

    [Theory]
    [InlineData("/v1/customers/nobody")]
    [InlineData("/v1/customers/nobody/explanation")]
    [InlineData("/v1/customers/nobody/history")]
    [InlineData("/v1/segments/s9")]
    [InlineData("/v1/segments/s9/members")]
    [InlineData("/v1/segments/s9/history")]
    [InlineData("/v1/segments/seven")]
    [InlineData("/v1/models/99")]
    [InlineData("/v1/nonsense")]
    public async Task An_unknown_resource_is_404_with_an_error(string path)
    {
        await using var host = await ApiHost.StartAsync();
        var (response, json) = await host.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("not_found", json.GetProperty("error").GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("/v1/segments/s2/members?limit=0", "invalid_limit")]
    [InlineData("/v1/segments/s2/members?limit=-1", "invalid_limit")]
    [InlineData("/v1/segments/s2/members?limit=ten", "invalid_limit")]
    [InlineData("/v1/customers/ada/history?limit=1.5", "invalid_limit")]
    [InlineData("/v1/changes?after=-1", "invalid_after")]
    [InlineData("/v1/changes?after=x", "invalid_after")]
    [InlineData("/v1/changes/stream?after=x", "invalid_after")]
    [InlineData("/v1/models/x", "invalid_version")]
    public async Task A_bad_value_is_400_and_the_message_names_it(string path, string code)
    {
        await using var host = await ApiHost.StartAsync();
        var (response, json) = await host.GetAsync(path);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(code, json.GetProperty("error").GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("/v1/customers/")]
    [InlineData("/v1/segments/s2/members?cursor=")]
    public async Task An_id_of_256_characters_is_refused_and_says_so(string path)
    {
        await using var host = await ApiHost.StartAsync();
        var (response, json) = await host.GetAsync(path + new string('x', 256));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("255", json.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_explanation_names_the_effective_and_the_nearest_segment()
    {
        await using var host = await ApiHost.StartAsync();
        var (_, json) = await host.GetAsync("/v1/customers/ada/explanation");
        Assert.Equal("s2", json.GetProperty("effective").GetProperty("id").GetString());
        Assert.Equal("s3", json.GetProperty("nearestId").GetString());
        Assert.Equal(0.6, json.GetProperty("contributions")[0].GetProperty("contribution").GetDouble());
        Assert.Equal("event", json.GetProperty("lastChange").GetProperty("cause").GetString());
    }

    [Theory]
    [InlineData("", 100)]
    [InlineData("?limit=7", 7)]
    [InlineData("?limit=1000", 1_000)]
    [InlineData("?limit=99999999999", 1_000)]
    public async Task Limits_have_a_default_and_a_maximum(string query, int asked)
    {
        await using var host = await ApiHost.StartAsync();
        await host.GetAsync("/v1/customers/ada/history" + query);
        await host.GetAsync("/v1/segments/s2/members" + query);
        Assert.Equal((asked, asked), (host.Customer.HistoryLimit, host.Segment.LimitAsked));
    }

    [Fact]
    public async Task The_segments_of_a_census_add_up_and_carry_their_statistics()
    {
        await using var host = await ApiHost.StartAsync();
        var (_, json) = await host.GetAsync("/v1/segments");
        Assert.Equal(
            ["asOf", "clock", "modelVersion", "population", "sequence", "statisticsAsOf", "segments"], json.EnumerateObject().Select(property => property.Name));
        Assert.Equal(10, json.GetProperty("segments").EnumerateArray().Sum(segment => segment.GetProperty("size").GetInt64()));
        var second = json.GetProperty("segments")[1];
        Assert.Equal(
            """{"id":"s2","name":"big spenders","size":3,"share":0.3,"stats":{"spend":{"mean":99}},"distinguishing":[{"feature":"spend","deviation":2.5,"words":"big spenders"}]}""",
            second.GetRawText());
    }

    [Fact]
    public async Task One_segment_joins_its_census_with_its_lineage()
    {
        await using var host = await ApiHost.StartAsync();
        var (_, json) = await host.GetAsync("/v1/segments/s2");
        Assert.Equal((3, "survived"), (json.GetProperty("size").GetInt64(), json.GetProperty("lineage")[0].GetProperty("kind").GetString()));
        var (_, history) = await host.GetAsync("/v1/segments/s2/history");
        Assert.Equal(2, history.GetProperty("samples").GetArrayLength());
    }

    [Fact]
    public async Task Paging_through_the_members_meets_everyone_once()
    {
        await using var host = await ApiHost.StartAsync();
        var met = new List<string>();
        string? cursor = null;
        do
        {
            var (_, json) = await host.GetAsync($"/v1/segments/s2/members?limit=60&cursor={cursor}");
            met.AddRange(json.GetProperty("members").EnumerateArray().Select(member => member.GetString()!));
            cursor = json.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null && met.Count < 1_000);

        Assert.Equal(Enumerable.Range(0, 250).Select(number => $"m{number:000}"), met);
    }

    [Fact]
    public async Task Changes_are_read_from_where_the_reader_left_off()
    {
        await using var host = await ApiHost.StartAsync();
        host.Feed.Append(5);
        var (_, first) = await host.GetAsync("/v1/changes?limit=3");
        Assert.Equal(3, first.GetProperty("nextAfter").GetInt64());
        var (_, rest) = await host.GetAsync("/v1/changes?after=3");
        Assert.Equal([4, 5], rest.GetProperty("changes").EnumerateArray().Select(change => change.GetProperty("sequence").GetInt32()));
        var (_, none) = await host.GetAsync("/v1/changes?after=5");
        Assert.Equal((0, 5L), (none.GetProperty("changes").GetArrayLength(), none.GetProperty("nextAfter").GetInt64()));
    }
}
