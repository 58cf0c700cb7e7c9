using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Xunit;

namespace OrleansSegments.UnitTests.ClientApi;

/// <summary>Request lines as no HttpClient sends them: it would resolve the dots itself.</summary>
public sealed class PathTests
{
    /// <summary>The server once removed dot segments before the endpoint was chosen: the history of "." was answered with the view of ".".</summary>
    [Theory]
    [InlineData(".", "/v1/customers/%2E")]
    [InlineData("..", "/v1/customers/%2E%2e")]
    [InlineData("..", "/v1/customers/..?x=/")]
    [InlineData("a/../b", "/v1/customers/a%2F..%2Fb")]
    [InlineData("%2F", "/v1/customers/%252F")]
    [InlineData("100%", "/v1/customers/100%25")]
    [InlineData("x+y", "/v1/customers/x+y")]
    [InlineData("ada", "http://HOST/v1/customers/%61da")]
    public async Task An_id_is_what_was_percent_encoded(string id, string target)
    {
        await using var host = await ApiHost.StartAsync(customerId: id);
        var (status, json) = await GetAsync(host, target);
        Assert.Equal((200, id), (status, json.GetProperty("id").GetString()));
        Assert.True(json.TryGetProperty("features", out _));
        var (historyStatus, history) = await GetAsync(host, target.Split('?')[0] + "/history");
        Assert.Equal((200, id), (historyStatus, history.GetProperty("id").GetString()));
        Assert.True(history.TryGetProperty("transitions", out _));
    }

    [Theory]
    [InlineData("/v1/customers/%2E%2E/segments")]
    [InlineData("/v1/customers/x/../ada")]
    [InlineData("/v1/customers/../segments")]
    [InlineData("/v1/./segments")]
    public async Task No_address_gives_the_answer_of_another(string target)
    {
        await using var host = await ApiHost.StartAsync();
        var (status, json) = await GetAsync(host, target);
        Assert.Equal((404, "not_found"), (status, json.GetProperty("code").GetString()));
    }

    [Theory]
    [InlineData("/v1/customers/%00", "invalid_request")]
    [InlineData("/%00", "invalid_request")]
    [InlineData("/v1/customers/%00/history", "invalid_request")]
    [InlineData("/v1/customers/100%", "invalid_path")]
    [InlineData("/v1/customers/%zz", "invalid_path")]
    [InlineData("/v1/customers/%FF", "invalid_path")]
    [InlineData("/v1/customers/%C0%80/history", "invalid_path")]
    public async Task A_malformed_path_is_refused_in_json(string target, string code)
    {
        await using var host = await ApiHost.StartAsync();
        var (status, json) = await GetAsync(host, target);
        Assert.Equal((400, code, code), (status, json.GetProperty("code").GetString(), json.GetProperty("error").GetProperty("code").GetString()));
        Assert.NotEmpty(json.GetProperty("message").GetString()!);
    }

    private static async Task<(int Status, JsonElement Json)> GetAsync(ApiHost host, string target)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(host.Address.Host, host.Address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {target.Replace("HOST", host.Address.Authority, StringComparison.Ordinal)} HTTP/1.1\r\nHost: {host.Address.Authority}\r\nX-Api-Key: {ApiHost.ReadKey}\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var answer = await reader.ReadToEndAsync().WaitAsync(ApiHost.Deadline);
        return (int.Parse(answer.Split(' ')[1], null), JsonElement.Parse(answer[answer.IndexOf('{')..(answer.LastIndexOf('}') + 1)]));
    }
}
