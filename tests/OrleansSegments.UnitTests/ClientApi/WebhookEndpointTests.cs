using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using OrleansSegments.Contracts.Webhooks;
using Xunit;

namespace OrleansSegments.UnitTests.ClientApi;

/// <summary>What the endpoints of webhooks hand on and answer.</summary>
public sealed class WebhookEndpointTests
{
    [Fact]
    public async Task A_new_webhook_is_answered_with_its_secret_and_not_cached()
    {
        await using var host = await ApiHost.StartAsync();

        var (response, json) = await host.PostAsync("/v1/webhooks", """{"url":"https://example.com/hook","segments":["s2"],"causes":["time"],"format":"segment","writeKey":"k"}""");

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("no-store", response.Headers.CacheControl!.ToString());
        Assert.Equal(FakeWebhooks.Secret, json.GetProperty("secret").GetString());
        var told = host.Webhooks.Told!;
        Assert.Equal(("https://example.com/hook", "s2", "time", "segment", "k", null), (told.Url, told.Segments!.Single(), told.Causes!.Single(), told.Format, told.WriteKey, told.Enabled));
    }

    [Theory]
    [InlineData("""{"url":"https://example.com","segment":["s2"]}""", "segment")]
    [InlineData("""{"url":""", "JSON")]
    [InlineData("""{"url":5}""", "url")]
    public async Task A_body_that_cannot_be_read_is_refused_with_an_example(string body, string named)
    {
        await using var host = await ApiHost.StartAsync();

        var (response, json) = await host.PostAsync("/v1/webhooks", body);

        Assert.Equal((HttpStatusCode.BadRequest, "invalid_json"), (response.StatusCode, json.GetProperty("code").GetString()));
        Assert.Contains(named, json.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains("https://example.com/hook", json.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Null(host.Webhooks.Told);
    }

    [Theory]
    [InlineData(WebhookStatus.Full, HttpStatusCode.Conflict, "too_many_webhooks")]
    [InlineData(WebhookStatus.Invalid, HttpStatusCode.BadRequest, "invalid_webhook")]
    public async Task A_refusal_has_its_reason(WebhookStatus status, HttpStatusCode expected, string code)
    {
        await using var host = await ApiHost.StartAsync();
        host.Webhooks.Answer = new WebhookReceipt(status, Problem: "The reason.");

        var (response, json) = await host.PostAsync("/v1/webhooks", """{"url":"https://example.com"}""");

        Assert.Equal((expected, code, "The reason."), (response.StatusCode, json.GetProperty("code").GetString(), json.GetProperty("message").GetString()));
    }

    [Fact]
    public async Task One_webhook_is_shown_with_its_deliveries_changed_tried_and_sent_again()
    {
        await using var host = await ApiHost.StartAsync();

        var (_, one) = await host.GetAsync("/v1/webhooks/1");
        Assert.Equal(("failing", 12), (one.GetProperty("webhook").GetProperty("state").GetString(), one.GetProperty("webhook").GetProperty("lag").GetInt32()));
        Assert.Equal(7, one.GetProperty("deliveries")[0].GetProperty("sequence").GetInt32());
        var (_, all) = await host.GetAsync("/v1/webhooks");
        Assert.Equal(1, Assert.Single(all.GetProperty("webhooks").EnumerateArray()).GetProperty("id").GetInt32());
        using var patch = new HttpRequestMessage(HttpMethod.Patch, "/v1/webhooks/1") { Content = new StringContent("""{"enabled":false}""", Encoding.UTF8, "application/json") };
        using var changed = await host.Client.SendAsync(patch);
        Assert.Equal("disabled", (await ApiHost.JsonOf(changed)).GetProperty("state").GetString());
        Assert.Equal(new WebhookSettings(Enabled: false), host.Webhooks.Told);
        var (_, tested) = await host.PostAsync("/v1/webhooks/1/test", "");
        Assert.Equal((false, 500), (tested.GetProperty("delivered").GetBoolean(), tested.GetProperty("status").GetInt32()));
        await host.PostAsync("/v1/webhooks/1/replay?from=5", "");
        Assert.Equal(5, host.Webhooks.ReplayedFrom);
        var (_, rotated) = await host.PostAsync("/v1/webhooks/1/rotate", "");
        Assert.Equal(FakeWebhooks.Secret, rotated.GetProperty("secret").GetString());
    }

    [Theory]
    [InlineData("GET", "/v1/webhooks/2", 404)]
    [InlineData("GET", "/v1/webhooks/x", 404)]
    [InlineData("PATCH", "/v1/webhooks/2", 404)]
    [InlineData("DELETE", "/v1/webhooks/2", 404)]
    [InlineData("DELETE", "/v1/webhooks/1", 204)]
    [InlineData("POST", "/v1/webhooks/2/test", 404)]
    [InlineData("POST", "/v1/webhooks/2/replay?from=1", 404)]
    [InlineData("POST", "/v1/webhooks/1/replay", 400)]
    [InlineData("POST", "/v1/webhooks/1/replay?from=-1", 400)]
    [InlineData("POST", "/v1/webhooks/2/rotate", 404)]
    public async Task A_webhook_that_does_not_exist_is_said_not_to(string method, string path, int status)
    {
        await using var host = await ApiHost.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = method == "PATCH" ? new StringContent("{}") : null };

        using var response = await host.Client.SendAsync(request);

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("GET", "/v1/webhooks")]
    [InlineData("GET", "/v1/webhooks/1")]
    [InlineData("POST", "/v1/webhooks/1/rotate")]
    public async Task Webhooks_are_for_admins(string method, string path)
    {
        await using var host = await ApiHost.StartAsync();
        host.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ApiHost.ReadKey);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await host.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task The_openapi_document_describes_the_body_and_the_sequence()
    {
        await using var host = await ApiHost.StartAsync();

        var (_, json) = await host.GetAsync("/openapi/v1.json");

        var paths = json.GetProperty("paths");
        var body = paths.GetProperty("/v1/webhooks").GetProperty("post").GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("schema");
        Assert.Equal(["url", "segments", "causes", "format", "writeKey", "enabled"], body.GetProperty("properties").EnumerateObject().Select(one => one.Name));
        var from = Assert.Single(paths.GetProperty("/v1/webhooks/{id}/replay").GetProperty("post").GetProperty("parameters").EnumerateArray(), one => one.GetProperty("name").GetString() == "from");
        Assert.Equal("integer", from.GetProperty("schema").GetProperty("type").GetString());
    }
}
