using System.Net;
using Xunit;

namespace OrleansSegments.UnitTests.ClientApi;

/// <summary>Unknown addresses and methods, and the ones that people try first.</summary>
public sealed class UnmatchedRequestTests
{
    [Theory]
    [InlineData("GET", "/v1/batch", "POST")]
    [InlineData("GET", "/v1/batch/", "POST")]
    [InlineData("PUT", "/api/s/track", "POST")]
    [InlineData("OPTIONS", "/v1/batch", "POST")]
    [InlineData("POST", "/v1/projects/write-key/settings", "GET")]
    [InlineData("HEAD", "/v1/segments", "GET")]
    [InlineData("GET", "/v1/model/train", "POST")]
    [InlineData("POST", "/v1/segments", "GET")]
    [InlineData("DELETE", "/v1/customers/ada", "GET")]
    [InlineData("POST", "/health/live", "GET, HEAD")]
    public async Task An_unsupported_method_is_405_with_the_supported_ones(string method, string path, string allowed)
    {
        await using var host = await ApiHost.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await host.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(allowed, string.Join(", ", response.Content.Headers.Allow.Order(StringComparer.Ordinal)));
        if (method == "HEAD")
        {
            return;
        }

        var json = await ApiHost.JsonOf(response);
        Assert.Equal("method_not_allowed", json.GetProperty("error").GetProperty("code").GetString());
        Assert.Contains(allowed, json.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/horoscope")]
    [InlineData("/favicon.ico")]
    [InlineData("/api/s/dance")]
    [InlineData("/v1/projects/write-key")]
    [InlineData("/health")]
    public async Task An_unknown_address_is_404_in_the_shape_of_all_errors(string path)
    {
        await using var host = await ApiHost.StartAsync();
        var (response, json) = await host.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("not_found", json.GetProperty("error").GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    public async Task Head_answers_as_get_does(string path)
    {
        await using var host = await ApiHost.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Head, path);
        using var response = await host.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
    }
}
