using System.ComponentModel.DataAnnotations;
using OrleansSegments.ClientApi.Settings;
using Xunit;

namespace OrleansSegments.UnitTests.ClientApi;

public sealed class ClientApiOptionsTests
{
    [Fact]
    public void The_defaults_are_valid() => Assert.Empty(ProblemsOf(new ClientApiOptions()));

    [Fact]
    public void Keys_that_a_client_cannot_send_and_an_event_larger_than_its_request_are_told_together()
    {
        var problems = ProblemsOf(new ClientApiOptions { WriteKeys = [" "], ReadKeys = ["good", "a:b"], AdminKeys = ["good"], EventBytesMax = 2_000, RequestBytesMax = 1_999 });
        Assert.Equal(3, problems.Length);
        Assert.Single(ProblemsOf(new ClientApiOptions { RequestBytesMax = 2_000_000, IngestionBytesMax = 2_000_000 }));
        Assert.StartsWith("WriteKeys holds a key", problems[0], StringComparison.Ordinal);
        Assert.StartsWith("ReadKeys holds a key", problems[1], StringComparison.Ordinal);
        Assert.Contains("EventBytesMax is 2000; it must not exceed RequestBytesMax, which is 1999", problems[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:8080", true)]
    [InlineData("http://localhost:8080", true)]
    [InlineData("https://[::1]:8080/", true)]
    [InlineData("http://unix:/run/segments.sock", true)]
    [InlineData("http://0.0.0.0:8080", false)]
    [InlineData("http://*:8080", false)]
    [InlineData("http://[::]:8080", false)]
    [InlineData("http://10.0.0.7", false)]
    [InlineData("http://localhost.example.com", false)]
    [InlineData("nonsense", false)]
    public void A_listener_beyond_loopback_needs_keys(string url, bool loopback)
    {
        var keyless = ProblemsOf(new ClientApiOptions { ListenUrls = ["http://127.0.0.1:1", url] });
        Assert.Equal(loopback, keyless.Length == 0);
        Assert.All(keyless, problem => Assert.Contains("ClientApi__WriteKeys__0", problem, StringComparison.Ordinal));
        Assert.Empty(ProblemsOf(new ClientApiOptions { ListenUrls = [url], AdminKeys = ["k"] }));
    }

    private static string[] ProblemsOf(ClientApiOptions options) => [.. options.Validate(new ValidationContext(options)).Select(problem => problem.ErrorMessage!)];
}
