using System.Net;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xunit;

namespace OrleansSegments.UnitTests.ClientApi;

public sealed class OperationsTests
{
    [Fact]
    public async Task Ready_follows_the_probe_and_names_the_reasons_while_live_stays()
    {
        await using var host = await ApiHost.StartAsync();
        var (ready, _) = await host.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);

        host.Probe.Answer = HealthCheckResult.Unhealthy("The store is read-only.");
        var (notReady, json) = await host.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, notReady.StatusCode);
        Assert.Equal("The store is read-only.", json.GetProperty("reasons")[0].GetString());
        var (live, _) = await host.GetAsync("/health/live");
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
    }

    [Fact]
    public async Task A_check_that_hangs_is_not_ready_within_the_time_allowed()
    {
        await using var host = await ApiHost.StartAsync();
        host.Probe.Answer = null;
        var (notReady, json) = await host.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, notReady.StatusCode);
        Assert.NotEmpty(json.GetProperty("reasons")[0].GetString()!);
    }

    [Fact]
    public async Task Metrics_count_accepted_and_refused_events()
    {
        await using var host = await ApiHost.StartAsync();
        await host.PostAsync("/v1/track", """{"userId":"u","event":"e"}""");
        await host.PostAsync("/v1/track", "{");
        var text = await host.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        Assert.Contains("# TYPE segments_api_events_accepted_total counter\n", text, StringComparison.Ordinal);
        Assert.Matches("""segments_api_ingestion_refused_total\{code="invalid_json"\} [1-9]""", text);
        Assert.Matches("""segments_api_ingestion_duration_seconds_bucket\{le="\+Inf"\} [1-9]""", text);
        Assert.Matches(@"segments_api_ingestion_duration_seconds_count\{\} [1-9]", text);
    }

    [Fact]
    public async Task The_openapi_document_lists_the_paths_with_their_keys()
    {
        await using var host = await ApiHost.StartAsync();
        var (response, json) = await host.GetAsync("/openapi/v1.json");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var paths = json.GetProperty("paths");
        string[] expected =
        [
            "/v1/batch", "/v1/track", "/v1/identify", "/v1/customers/{id}", "/v1/customers/{id}/explanation", "/v1/customers/{id}/history",
            "/v1/segments", "/v1/segments/{id}", "/v1/segments/{id}/members", "/v1/segments/{id}/history", "/v1/changes", "/v1/changes/stream",
            "/v1/segments/map", "/v1/segments/flows", "/v1/model/training",
            "/v1/model", "/v1/models", "/v1/model/rollout", "/v1/model/train", "/v1/models/{version}/publish", "/v1/admin/backup", "/v1/admin/keys/rotate", "/v1/projects/{writeKey}/settings", "/v1/m", "/v1/import", "/api/s/track",
            "/api/s/s2s/batch", "/health/live", "/health/ready", "/metrics",
        ];
        Assert.All(expected, path => Assert.True(paths.TryGetProperty(path, out _), path));
        var parameters = paths.GetProperty("/v1/segments/flows").GetProperty("get").GetProperty("parameters").EnumerateArray();
        Assert.All(parameters, parameter => Assert.Equal("date-time", parameter.GetProperty("schema").GetProperty("format").GetString()));
        var customer = paths.GetProperty("/v1/customers/{id}").GetProperty("get");
        Assert.NotEmpty(customer.GetProperty("summary").GetString()!);
        Assert.Contains(customer.GetProperty("security").EnumerateArray(), requirement => requirement.TryGetProperty("bearer", out _));
        Assert.Equal(
            ["apiKey", "basic", "bearer", "writeKey"],
            json.GetProperty("components").GetProperty("securitySchemes").EnumerateObject().Select(scheme => scheme.Name).Order(StringComparer.Ordinal));
        Assert.True(paths.GetProperty("/v1/batch").GetProperty("post").TryGetProperty("requestBody", out _));
    }
}
