using System.Net;
using System.Net.Sockets;
using OrleansSegments.CrashTests.Files;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.EndToEndTests.Http;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.EndToEndTests.Api;

/// <summary>SDKs do not wait for a server: they find a listener from the start of a silo to the end of its stop, which here last as long as the test says.</summary>
public sealed class StartAndStopTests : IDisposable
{
    private const string Order = """{"userId":"early","event":"Order Completed","messageId":"1"}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_event_of_the_start_is_held_and_taken_and_one_of_the_stop_is_told_to_come_back()
    {
        string address = $"http://127.0.0.1:{FreePort()}";
        var launch = new SiloLaunch(
            SiloProgram.Find("OrleansSegments.BrokenSilo", "tests"), ["slow"], ["--data", _folder["data"]], new Dictionary<string, string> { ["SEGMENTS_SLOW"] = _folder.Path });
        await using SiloProcess silo = SiloProcess.Launch(launch, address);
        using var early = new SegmentsApi(new Uri(address));
        await Condition.HoldsAsync("the silo starts", () => silo.IsOver || File.Exists(_folder["starting"]), silo.Describe);
        Assert.Equal(200, (await early.GetAsync("/health/live", key: null)).Status);
        ApiAnswer ready = await early.GetAsync("/health/ready", key: null);
        Assert.True(ready.Status == 503 && ready.Text.Contains("starting", StringComparison.Ordinal), ready.ToString());

        Task<ApiAnswer> held = early.PostEventsAsync("/v1/track", Order);
        _folder.Write("started", "");
        (await held).AssertAccepted(1, 0);
        await silo.WaitUntilServingAsync();

        Task<int> stop = silo.StopAsync();
        ApiAnswer? refused = null;
        await Condition.HoldsAsync("an event is told to come back", async () => (refused = await early.PostEventsAsync("/v1/track", Order)).IsTurnedAway, () => $"{refused}");
        Assert.Equal("stopping", (string?)refused!.Json["code"]);
        Assert.False(silo.IsOver);
        _folder.Write("stopped", "");
        Assert.Equal(0, await stop);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
