using System.Net;
using System.Text;
using Xunit;

namespace OrleansSegments.UnitTests.ClientApi;

public sealed class KeyTests
{
    private const string Event = """{"type":"page","userId":"u"}""";

    [Theory]
    [InlineData("Authorization", "basic:write-key:", HttpStatusCode.OK)]
    [InlineData("Authorization", "basic:write-key", HttpStatusCode.OK)]
    [InlineData("Authorization", "basic:write-key:password", HttpStatusCode.OK)]
    [InlineData("Authorization", "Bearer write-key", HttpStatusCode.OK)]
    [InlineData("Authorization", "bearer  write-key ", HttpStatusCode.OK)]
    [InlineData("X-Write-Key", "write-key", HttpStatusCode.OK)]
    [InlineData("X-Write-Key", "write-key:secret", HttpStatusCode.OK)]
    [InlineData("X-Write-Key", "read-key:write-key", HttpStatusCode.Forbidden)]
    [InlineData("X-Write-Key", ":write-key", HttpStatusCode.Unauthorized)]
    [InlineData("X-Api-Key", "write-key", HttpStatusCode.OK)]
    [InlineData("Authorization", "Bearer write-key:secret", HttpStatusCode.OK)]
    [InlineData("Authorization", "Bearer admin-key", HttpStatusCode.OK)]
    [InlineData("Authorization", "Bearer read-key", HttpStatusCode.Forbidden)]
    [InlineData("Authorization", "Bearer write-ke", HttpStatusCode.Unauthorized)]
    [InlineData("Authorization", "Bearer write-keyy", HttpStatusCode.Unauthorized)]
    [InlineData("Authorization", "Basic !!!", HttpStatusCode.Unauthorized)]
    [InlineData("Authorization", "Digest write-key", HttpStatusCode.Unauthorized)]
    [InlineData("X-Nothing", "write-key", HttpStatusCode.Unauthorized)]
    public async Task Ingestion_takes_the_key_where_clients_put_it(string header, string value, HttpStatusCode expected)
    {
        await using var host = await ApiHost.StartAsync();
        var response = await SendAsync(host, HttpMethod.Post, "/v1/batch", header, value, $$"""{"batch":[{{Event}}]}""");
        Assert.Equal(expected, response.StatusCode);
        Assert.Equal(expected == HttpStatusCode.OK ? 1 : 0, host.Router.Events.Count);
    }

    [Theory]
    [InlineData("""{"batch":[EVENT],"writeKey":"write-key"}""", "/v1/batch", HttpStatusCode.OK)]
    [InlineData("""{"writeKey":"write-key","batch":[EVENT]}""", "/v1/batch", HttpStatusCode.OK)]
    [InlineData("""{"writeKey":"wrong","batch":[EVENT]}""", "/v1/batch", HttpStatusCode.Unauthorized)]
    [InlineData("""{"batch":[{"type":"page","userId":"u","writeKey":"write-key"}]}""", "/v1/batch", HttpStatusCode.Unauthorized)]
    [InlineData("""{"type":"page","userId":"u","writeKey":"write-key"}""", "/v1/page", HttpStatusCode.OK)]
    [InlineData("""{"type":"page","userId":"u","writeKey":"write-key:***"}""", "/api/s/page", HttpStatusCode.OK)]
    public async Task The_body_may_carry_the_key_but_an_event_of_a_batch_may_not(string body, string path, HttpStatusCode expected)
    {
        await using var host = await ApiHost.StartAsync();
        var response = await SendAsync(host, HttpMethod.Post, path, "X-Nothing", "x", body.Replace("EVENT", Event, StringComparison.Ordinal));
        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task An_unrelated_token_in_the_header_does_not_invalidate_the_key_in_the_body()
    {
        await using var host = await ApiHost.StartAsync();
        var response = await SendAsync(
            host, HttpMethod.Post, "/v1/batch", "Authorization", "Bearer oauth-token", $$"""{"batch":[{{Event}}],"writeKey":"write-key"}""");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("GET", "/v1/segments", "Authorization", "Bearer read-key", HttpStatusCode.OK)]
    [InlineData("GET", "/v1/segments", "Authorization", "basic:read-key:", HttpStatusCode.OK)]
    [InlineData("GET", "/v1/segments", "X-Api-Key", "read-key", HttpStatusCode.OK)]
    [InlineData("GET", "/v1/segments", "X-Api-Key", "admin-key", HttpStatusCode.OK)]
    [InlineData("GET", "/v1/segments", "X-Api-Key", "write-key", HttpStatusCode.Forbidden)]
    [InlineData("GET", "/v1/customers/ada", "X-Api-Key", "wrong", HttpStatusCode.Unauthorized)]
    [InlineData("GET", "/v1/changes", "X-Nothing", "x", HttpStatusCode.Unauthorized)]
    [InlineData("GET", "/v1/changes/stream", "X-Nothing", "x", HttpStatusCode.Unauthorized)]
    [InlineData("GET", "/v1/model", "X-Api-Key", "read-key", HttpStatusCode.OK)]
    [InlineData("GET", "/v1/segments/map", "X-Api-Key", "read-key", HttpStatusCode.OK)]
    [InlineData("GET", "/v1/segments/map", "X-Api-Key", "write-key", HttpStatusCode.Forbidden)]
    [InlineData("GET", "/v1/segments/flows", "X-Api-Key", "read-key", HttpStatusCode.OK)]
    [InlineData("GET", "/v1/segments/flows", "X-Nothing", "x", HttpStatusCode.Unauthorized)]
    [InlineData("GET", "/v1/model/training", "X-Api-Key", "read-key", HttpStatusCode.OK)]
    [InlineData("GET", "/v1/model/training", "X-Api-Key", "write-key", HttpStatusCode.Forbidden)]
    [InlineData("POST", "/v1/model/train", "X-Api-Key", "read-key", HttpStatusCode.Forbidden)]
    [InlineData("POST", "/v1/model/train", "X-Api-Key", "admin-key", HttpStatusCode.OK)]
    [InlineData("POST", "/v1/models/3/publish", "X-Api-Key", "write-key", HttpStatusCode.Forbidden)]
    [InlineData("POST", "/v1/admin/keys/rotate", "X-Api-Key", "read-key", HttpStatusCode.Forbidden)]
    [InlineData("POST", "/v1/admin/keys/rotate", "X-Nothing", "x", HttpStatusCode.Unauthorized)]
    [InlineData("GET", "/v1/projects/write-key/settings", "X-Nothing", "x", HttpStatusCode.OK)]
    [InlineData("POST", "/v1/models/3/publish", "X-Api-Key", "admin-key", HttpStatusCode.OK)]
    [InlineData("GET", "/health/live", "X-Nothing", "x", HttpStatusCode.OK)]
    [InlineData("GET", "/health/ready", "X-Nothing", "x", HttpStatusCode.OK)]
    [InlineData("GET", "/openapi/v1.json", "X-Nothing", "x", HttpStatusCode.OK)]
    [InlineData("GET", "/metrics", "X-Nothing", "x", HttpStatusCode.OK)]
    public async Task Every_right_grants_its_endpoints(string method, string path, string header, string value, HttpStatusCode expected)
    {
        await using var host = await ApiHost.StartAsync();
        var response = await SendAsync(host, new HttpMethod(method), path, header, value, null);
        Assert.Equal(expected, response.StatusCode);
        if (expected is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            var error = (await ApiHost.JsonOf(response)).GetProperty("error");
            Assert.NotEmpty(error.GetProperty("code").GetString()!);
            Assert.NotEmpty(error.GetProperty("message").GetString()!);
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(
        ApiHost host, HttpMethod method, string path, string header, string value, string? body)
    {
        using var client = new HttpClient { BaseAddress = host.Address, Timeout = ApiHost.Deadline };
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        const string basic = "basic:";
        var sent = value.StartsWith(basic, StringComparison.Ordinal)
            ? "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(value[basic.Length..]))
            : value;
        request.Headers.TryAddWithoutValidation(header, sent);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "text/plain");
        return await client.SendAsync(request);
    }
}
