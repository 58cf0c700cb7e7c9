using System.Text.Json.Nodes;
using OrleansSegments.CrashTests.Checks;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.EndToEndTests.Http;

namespace OrleansSegments.EndToEndTests.Api;

/// <summary>The API's queries on a trained silo.</summary>
public sealed class QueryTests(RunningSilo silo) : IClassFixture<RunningSilo>
{
    private SegmentsApi Api => silo.Api;

    private string Shopper => silo.Shoppers.CustomerIds[0];

    [Fact]
    public async Task Everybody_is_in_one_segment_and_the_sizes_add_up()
    {
        await using var checker = new Checker(Api.Address, silo.Ledger);
        Findings findings = await checker.CountAsync();

        // Customers created by other tests of this class are unknown to the ledger.
        Assert.True(findings.Kinds.All(kind => kind == FindingKind.StrangerFound), findings.ToString());
        JsonObject census = await Api.QueryAsync("/v1/segments");
        Assert.Equal(1, (int)census["modelVersion"]!);
        Assert.NotNull(census["asOf"]);
        Assert.Equal(1.0, census["segments"]!.AsArray().Sum(s => (double)s!["share"]!), 9);
        Assert.All(census["segments"]!.AsArray(), s => Assert.NotNull(s!["stats"]));
    }

    [Fact]
    public async Task A_customer_is_shown_with_segment_features_and_traits()
    {
        JsonObject customer = await Api.QueryAsync($"/v1/customers/{Shopper}");
        Assert.Equal(Shopper, (string?)customer["id"]);
        Assert.Equal(1, (int)customer["segment"]!["modelVersion"]!);
        Assert.All(["asOf", "traits", "consent"], field => Assert.NotNull(customer[field]));
        Assert.True(customer["features"]!.AsObject().Count >= 24, customer.ToJsonString());
        Assert.All(["id", "name", "since"], field => Assert.NotNull(customer["segment"]![field]));
    }

    [Fact]
    public async Task A_segment_is_explained_by_contributions_that_add_up()
    {
        JsonObject explanation = await Api.QueryAsync($"/v1/customers/{Shopper}/explanation");
        JsonArray distances = explanation["distances"]!.AsArray();
        Assert.Equal(RunningSilo.Segments, distances.Count);
        Assert.NotNull(explanation["lastChange"]);
        double own = DistanceTo((string)explanation["effective"]!["id"]!);
        double other = DistanceTo((string)explanation["runnerUpId"]!);
        double sum = explanation["contributions"]!.AsArray().Sum(c => (double)c!["contribution"]!);
        Assert.Equal((other * other) - (own * own), sum, 6);

        double DistanceTo(string id) => (double)distances.Single(d => (string?)d!["id"] == id)!["distance"]!;
    }

    [Fact]
    public async Task History_and_change_log_tell_the_same_story()
    {
        List<JsonNode> changes = await AllChangesAsync();
        JsonArray history = (await Api.QueryAsync($"/v1/customers/{Shopper}/history"))["transitions"]!.AsArray();
        long[] own = [.. history.Select(t => (long)t!["sequence"]!)];
        Assert.NotEmpty(own);
        Assert.Equal(own.OrderDescending(), own);
        Assert.Null(history[^1]!["from"]);

        Assert.Equal(own.Where(s => s <= changes.Count).Order(), changes.Where(c => (string?)c["customerId"] == Shopper).Select(c => (long)c["sequence"]!));
        Assert.Equal(Enumerable.Range(1, changes.Count).Select(i => (long)i), changes.Select(c => (long)c["sequence"]!));
    }

    [Fact]
    public async Task One_segment_is_shown_with_its_history()
    {
        JsonNode largest = (await Api.QueryAsync("/v1/segments"))["segments"]!.AsArray().MaxBy(s => (long)s!["size"]!)!;
        string id = (string)largest["id"]!;
        JsonObject segment = await Api.QueryAsync($"/v1/segments/{id}");
        Assert.Equal((string?)largest["name"], (string?)segment["name"]);
        Assert.True((long)segment["size"]! > 0);
        Assert.NotNull((await Api.QueryAsync($"/v1/segments/{id}/history"))["samples"]);
    }

    [Fact]
    public async Task The_stream_begins_after_the_last_event_that_was_seen()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/changes/stream");
        request.Headers.Authorization = new("Bearer", SegmentsApi.ReadKey);
        request.Headers.Add("Last-Event-ID", "5");
        using HttpResponseMessage stream = await Api.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", stream.Content.Headers.ContentType?.MediaType);
        using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync());
        Assert.Equal(6, (long)(await NextAsync(reader))["sequence"]!);
        Assert.Equal(7, (long)(await NextAsync(reader))["sequence"]!);
    }

    [Fact]
    public async Task The_stream_tells_of_a_new_customer_at_once()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/changes/stream");
        request.Headers.Authorization = new("Bearer", SegmentsApi.ReadKey);
        using HttpResponseMessage stream = await Api.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync());
        (await Api.PostEventsAsync("/v1/batch", RunningSilo.Orders("streamed", "1"))).AssertAccepted(1, 0);
        JsonNode change;
        do
        {
            change = await NextAsync(reader);
        }
        while ((string?)change["customerId"] != "streamed");
        Assert.Null(change["from"]);
        Assert.Equal("event", (string?)change["cause"]);
    }

    [Fact]
    public async Task The_model_and_its_roll_out_are_shown()
    {
        JsonObject model = await Api.QueryAsync("/v1/model");
        Assert.Equal(1, (int)model["version"]!);
        Assert.Equal(RunningSilo.Segments, (int)model["segmentCount"]!);
        Assert.Equal(silo.Shoppers.CustomerIds.Count, (long)model["population"]!);
        Assert.Contains((await Api.QueryAsync("/v1/models"))["models"]!.AsArray(), m => (int)m!["version"]! == 1);
        Assert.Equal(1, (int)(await Api.QueryAsync("/v1/models/1"))["version"]!);
        Assert.Equal(1, (int)(await Api.QueryAsync("/v1/model/rollout"))["modelVersion"]!);
    }

    [Fact]
    public async Task Health_metrics_and_the_document_need_no_key_on_this_machine()
    {
        Assert.Equal("live", (string?)(await Api.GetAsync("/health/live", key: null)).Json["status"]);
        Assert.Equal("ready", (string?)(await Api.GetAsync("/health/ready", key: null)).Json["status"]);
        ApiAnswer metrics = await Api.GetAsync("/metrics", key: null);
        Assert.Equal("text/plain", metrics.MediaType);
        Assert.Contains("segments_api_events_accepted", metrics.Text, StringComparison.Ordinal);
        Assert.Contains("segments_population", metrics.Text, StringComparison.Ordinal);
        JsonObject document = (await Api.GetAsync("/openapi/v1.json", key: null)).Json;
        Assert.All(
            ["/v1/batch", "/v1/customers/{id}", "/v1/segments", "/v1/changes", "/v1/model/train", "/health/ready"],
            path => Assert.True(document["paths"]!.AsObject().ContainsKey(path), path));
    }

    private async Task<List<JsonNode>> AllChangesAsync()
    {
        var changes = new List<JsonNode>();
        long after = 0;
        while (true)
        {
            JsonObject page = await Api.QueryAsync($"/v1/changes?after={after}&limit=50");
            changes.AddRange(page["changes"]!.AsArray().Select(c => c!));
            if ((long)page["nextAfter"]! == after)
            {
                return changes;
            }

            after = (long)page["nextAfter"]!;
        }
    }

    private static async Task<JsonNode> NextAsync(StreamReader reader)
    {
        const string data = "data: ";
        bool isTransition = false;
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await reader.ReadLineAsync(deadline.Token) is { } line)
        {
            isTransition = line.StartsWith("event: ", StringComparison.Ordinal) ? line == "event: transition" : isTransition;
            if (isTransition && line.StartsWith(data, StringComparison.Ordinal))
            {
                return JsonNode.Parse(line[data.Length..])!;
            }
        }

        throw new EndOfStreamException("The stream ended.");
    }
}
