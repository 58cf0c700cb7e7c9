using OrleansSegments.ClientApi.Settings;
using Xunit;

namespace OrleansSegments.UnitTests.ClientApi;

public sealed class ClientApiOptionsTests
{
    [Fact]
    public void The_defaults_are_valid() => Assert.True(new ClientApiOptionsValidation().Validate(null, new ClientApiOptions()).Succeeded);

    [Fact]
    public void All_errors_are_reported_together_each_with_value_rule_and_cure()
    {
        var result = new ClientApiOptionsValidation().Validate(
            null, new ClientApiOptions { RequestEventsMax = 0, HeartbeatInterval = TimeSpan.FromMinutes(1), WriteKeys = [" "] });
        Assert.Equal(3, result.Failures!.Count());
        Assert.Contains(
            "ClientApi:RequestEventsMax is 0; it must be 1 to 10000. Set ClientApi__RequestEventsMax or edit appsettings.json.", result.Failures!);
        Assert.Contains(result.Failures!, failure => failure.Contains("00:01:00", StringComparison.Ordinal));
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
        var keyless = new ClientApiOptionsValidation().Validate(null, new ClientApiOptions { ListenUrls = ["http://127.0.0.1:1", url] });
        Assert.Equal(loopback, keyless.Succeeded);
        Assert.True(loopback || keyless.FailureMessage!.Contains("ClientApi__WriteKeys__0", StringComparison.Ordinal));
        Assert.True(new ClientApiOptionsValidation().Validate(null, new ClientApiOptions { ListenUrls = [url], AdminKeys = ["k"] }).Succeeded);
    }
}
