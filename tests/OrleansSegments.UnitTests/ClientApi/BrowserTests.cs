using System.Net;
using System.Text;
using OrleansSegments.Contracts.Events;
using Xunit;

namespace OrleansSegments.UnitTests.ClientApi;

/// <summary>What a page of another origin may do and read, and the settings that browser SDKs fetch.</summary>
public sealed class BrowserTests
{
    private const string Origin = "https://shop.example";

    [Theory]
    [InlineData("/v1/t", "POST")]
    [InlineData("/v1/batch/", "POST")]
    [InlineData("/api/s/track", "POST")]
    [InlineData("/v1/m", "POST")]
    [InlineData("/v1/projects/write-key/settings", "GET")]
    public async Task A_preflight_of_any_origin_is_granted(string path, string method)
    {
        await using var host = await ApiHost.StartAsync();
        using var response = await SendAsync(
            host, HttpMethod.Options, path, null, ("Access-Control-Request-Method", method), ("Access-Control-Request-Headers", "authorization,content-type,x-write-key,x-retry-count,x-odd"));
        Assert.True(response.IsSuccessStatusCode, response.ToString());
        Assert.Equal("*", Header(response, "Access-Control-Allow-Origin"));
        Assert.Equal("POST,GET,OPTIONS", Header(response, "Access-Control-Allow-Methods"));
        Assert.Equal("authorization,content-type,x-write-key,x-retry-count,x-odd", Header(response, "Access-Control-Allow-Headers"));
        Assert.Equal("7200", Header(response, "Access-Control-Max-Age"));
        Assert.False(response.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    [Fact]
    public async Task A_page_can_read_answers_and_refusals()
    {
        await using var host = await ApiHost.StartAsync();
        using var taken = await SendAsync(host, HttpMethod.Post, "/v1/batch", IngestionTests.OneTrack);
        Assert.Equal((HttpStatusCode.OK, "*"), (taken.StatusCode, Header(taken, "Access-Control-Allow-Origin")));

        using var malformed = await SendAsync(host, HttpMethod.Post, "/v1/batch", "{");
        Assert.Equal((HttpStatusCode.BadRequest, "*"), (malformed.StatusCode, Header(malformed, "Access-Control-Allow-Origin")));

        using var notGzip = await SendAsync(host, HttpMethod.Post, "/v1/batch", "{", ("Content-Encoding", "gzip"));
        Assert.Equal((HttpStatusCode.BadRequest, "*"), (notGzip.StatusCode, Header(notGzip, "Access-Control-Allow-Origin")));

        host.Router.Status = RouteStatus.Overloaded;
        using var busy = await SendAsync(host, HttpMethod.Post, "/v1/batch", IngestionTests.OneTrack);
        Assert.Equal((HttpStatusCode.TooManyRequests, "*"), (busy.StatusCode, Header(busy, "Access-Control-Allow-Origin")));
        Assert.Contains("Retry-After", Header(busy, "Access-Control-Expose-Headers"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/segments", "GET")]
    [InlineData("/v1/model/train", "POST")]
    [InlineData("/v1/admin/keys/rotate", "POST")]
    public async Task Queries_and_commands_are_not_for_pages_of_other_origins(string path, string method)
    {
        await using var host = await ApiHost.StartAsync();
        using var preflight = await SendAsync(host, HttpMethod.Options, path, null, ("Access-Control-Request-Method", method));
        Assert.False(preflight.Headers.Contains("Access-Control-Allow-Origin"));
        using var response = await SendAsync(host, new HttpMethod(method), path, null);
        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task The_settings_send_an_sdk_to_the_host_that_it_asked()
    {
        await using var host = await ApiHost.StartAsync();
        using var response = await SendAsync(host, HttpMethod.Get, "/v1/projects/write-key/settings", null, ("Host", "events.example:8443"));
        Assert.Equal((HttpStatusCode.OK, "*"), (response.StatusCode, Header(response, "Access-Control-Allow-Origin")));
        Assert.Equal("public, max-age=300", Header(response, "Cache-Control"));
        Assert.Equal(
            """
            {"integrations":{"Segment.io":{"apiKey":"write-key","apiHost":"events.example:8443/v1","protocol":"http"}},
            "plan":{"track":{"__default":{"enabled":true}},"identify":{"__default":{"enabled":true}},"group":{"__default":{"enabled":true}}},
            "edgeFunction":{}}
            """.ReplaceLineEndings(""),
            (await ApiHost.JsonOf(response)).GetRawText());
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("read-key")]
    [InlineData("%20")]
    public async Task Settings_of_a_key_that_may_not_write_do_not_exist(string key)
    {
        await using var host = await ApiHost.StartAsync();
        using var response = await SendAsync(host, HttpMethod.Get, $"/v1/projects/{key}/settings", null);
        Assert.Equal((HttpStatusCode.NotFound, "*"), (response.StatusCode, Header(response, "Access-Control-Allow-Origin")));
        Assert.Equal("not_found", (await ApiHost.JsonOf(response)).GetProperty("code").GetString());
    }

    private static string Header(HttpResponseMessage response, string name) => string.Join(',', response.Headers.GetValues(name));

    private static async Task<HttpResponseMessage> SendAsync(ApiHost host, HttpMethod method, string path, string? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Origin", Origin);
        request.Content = body is null ? null : new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        foreach (var (name, value) in headers)
        {
            _ = request.Headers.TryAddWithoutValidation(name, value) || request.Content!.Headers.TryAddWithoutValidation(name, value);
        }

        return await host.Client.SendAsync(request);
    }
}
