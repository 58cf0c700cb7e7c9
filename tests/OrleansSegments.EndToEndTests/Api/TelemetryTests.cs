using OrleansSegments.CrashTests.Files;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.CrashTests.Load;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.EndToEndTests.Http;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.EndToEndTests.Api;

/// <summary>What a silo exports to the collector that the standard variable names.</summary>
public sealed class TelemetryTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private OtlpCollector? _collector;
    private SiloProcess? _silo;

    private SegmentsApi Api => _silo!.Api;

    private OtlpCollector Collector => _collector!;

    public async ValueTask InitializeAsync()
    {
        _collector = await OtlpCollector.StartAsync();
        _silo = await SiloProcess.StartAsync(SiloLaunch.OnFolder(_folder.Path) with { Settings = _collector.Settings });
    }

    public async ValueTask DisposeAsync()
    {
        await (_silo?.DisposeAsync() ?? default);
        await (_collector?.DisposeAsync() ?? default);
        _folder.Dispose();
    }

    [Fact]
    public async Task A_collector_gets_metrics()
    {
        await Condition.HoldsAsync(
            "metrics have come", () => Collector.TextOf("metrics").Contains("segments.population", StringComparison.Ordinal), _silo!.Describe);
    }

    [Fact]
    public async Task A_posted_batch_is_one_trace_from_the_request_to_its_commit()
    {
        (await Api.PostEventsAsync("/v1/batch", RunningSilo.Orders("ann", "1", "2"))).AssertAccepted(2, 0);
        (await Api.PostEventsAsync("/v1/batch", RunningSilo.Orders("ann", "3"))).AssertAccepted(1, 0);

        CollectedSpan[] requests = [.. (await SpansAsync("POST /v1/batch", 2)).Where(span => span.Name == "POST /v1/batch")];
        AssertTrace(requests[0], ("segments.events", "2"), ("segments.customers", "1"), ("segments.customers.direct", "0"));
        AssertTrace(requests[1], ("segments.events", "1"), ("segments.customers", "1"), ("segments.customers.direct", "1"));

        void AssertTrace(CollectedSpan request, params (string Key, string Value)[] tags)
        {
            CollectedSpan[] trace = [.. Collector.Spans().Where(span => span.TraceId == request.TraceId)];
            CollectedSpan route = Assert.Single(trace, span => span.Name == "route");
            Assert.Equal(request.Id, route.ParentId);
            Assert.Equal(tags.Order(), route.Tags.Select(tag => (tag.Key, tag.Value)).Order());
            Assert.Equal(["commit", "record"], trace.Where(span => span.ParentId == route.Id).Select(span => span.Name).Order());
            Assert.Equal(4, trace.Length);
        }
    }

    [Fact]
    public async Task A_training_and_its_roll_out_are_one_trace()
    {
        foreach (EventBatch batch in ShopperBatches.Make(seed: 3, customers: 60, days: 8, batchEvents: 500).All)
        {
            Assert.Equal(200, (await Api.PostEventsAsync("/v1/batch", batch.Body)).Status);
        }

        ApiAnswer training = await Api.TrainAsync(segments: 3);
        Assert.True(training.Status == 200, training.ToString());

        CollectedSpan[] spans = await SpansAsync("roll out", 1);
        CollectedSpan request = Assert.Single(spans, span => span.Name == "POST /v1/model/train");
        CollectedSpan train = Assert.Single(spans, span => span.ParentId == request.Id);
        Assert.Equal(("train", "Published", "1"), (train.Name, train.Tags["segments.training.outcome"], train.Tags["segments.model.version"]));
        Assert.Equal(["describe", "find centroids", "read", "roll out", "scale"], spans.Where(span => span.ParentId == train.Id).Select(span => span.Name).Order());
        Assert.Equal(train.Tags["segments.customers"], spans.Single(span => span.Name == "roll out").Tags["segments.customers"]);
    }

    /// <summary>Ids stand in paths and queries, e-mail addresses in traits and messages; tools show every tag of a span.</summary>
    [Fact]
    public async Task No_span_tells_who_a_customer_is()
    {
        const string id = "marker-of-the-customer";
        const string mail = "marker@example.org";
        Api.Http.DefaultRequestHeaders.UserAgent.ParseAdd("marker/1.0");
        Task<ApiAnswer>[] requests =
        [
            Api.PostEventsAsync("/v1/identify", $$"""{"userId":"{{id}}","anonymousId":"{{mail}}","traits":{"email":"{{mail}}"} }"""),
            Api.PostEventsAsync("/v1/track", $$"""{"userId":"{{id}}","event":"","properties":{"email":"{{mail}}"} }"""),
            Api.GetAsync($"/v1/customers/{id}"),
            Api.GetAsync($"/v1/customers/{id}/explanation?email={mail}"),
            Api.GetAsync($"/v1/customers/%6Darker-of-nobody/history?limit={mail}"),
            Api.GetAsync($"/v1/nowhere/{id}"),
            Api.SendAsync(new HttpMethod("MARKER"), $"/v1/customers/{id}", SegmentsApi.ReadKey),
        ];
        await Task.WhenAll(requests);

        await Condition.HoldsAsync("all requests are traced", () => Requests().Count == requests.Length, () => string.Join('\n', Collector.Spans().AsEnumerable()));
        Assert.Equal("/v1/customers/{id}/explanation", Assert.Single(Requests(), span => span.Name == "GET /v1/customers/{id}/explanation").Tags["url.path"]);
        Assert.All(Requests(), span => Assert.Equal(span.Tags.GetValueOrDefault("http.route"), span.Tags.GetValueOrDefault("url.path")));
        Assert.DoesNotContain("marker", Collector.TextOf("traces"), StringComparison.OrdinalIgnoreCase);

        List<CollectedSpan> Requests() => [.. Collector.Spans().Where(span => span.Tags.ContainsKey("http.request.method"))];
    }

    /// <summary>All spans, once this many of the name have come; those that end before them are sent before them.</summary>
    private async Task<CollectedSpan[]> SpansAsync(string name, int count)
    {
        await Condition.HoldsAsync(
            $"{count} spans {name} have come", () => Collector.Spans().Count(span => span.Name == name) == count, () => string.Join('\n', Collector.Spans().AsEnumerable()));
        return Collector.Spans();
    }
}
