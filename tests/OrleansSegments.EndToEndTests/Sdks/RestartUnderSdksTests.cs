using System.Diagnostics;
using System.Text.Json.Nodes;
using OrleansSegments.CrashTests.Files;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.EndToEndTests.Sdks;

/// <summary>
/// A silo is stopped and started again, or killed, while SDKs send at a steady pace. SDKs that retry for ten seconds lose nothing; the others
/// lose at most what was on its way.
/// </summary>
public sealed class RestartUnderSdksTests
{
    private const int Events = 430;
    private const int IntervalMilliseconds = 20;

    /// <summary>Four batches of five: what an SDK has on its way at a time.</summary>
    private const int UnderWayMax = 20;

    public static readonly TheoryData<string, bool, int> Runs = new()
    {
        { "segment-node-3", false, 0 }, { "segment-node-3", true, 0 },
        { "segment-node-2", false, 0 }, { "segment-node-2", true, 0 },
        { "customerio-node", false, 0 }, { "customerio-node", true, 0 },
        { "analytics-node-6", false, UnderWayMax }, { "analytics-node-6", true, UnderWayMax },
        { "rudderstack-node", false, UnderWayMax }, { "rudderstack-node", true, UnderWayMax },
    };

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task A_restart_loses_at_most_what_was_under_way(string sdk, bool isKilled, int lostMax)
    {
        SdkPrograms.OrSkip();
        using var folder = new TemporaryFolder();
        SiloProcess silo = await SiloProcess.StartAsync(folder.Path);
        string address = silo.Address.ToString().TrimEnd('/');
        using Process client = SdkPrograms.Start("steady.mjs", sdk, address, SegmentsApi.WriteKey, "steady", $"{Events}", $"{IntervalMilliseconds}");
        var output = new ProcessOutput(client.StandardOutput);
        var errors = new ProcessOutput(client.StandardError);
        await Condition.HoldsAsync("a third is sent", () => output.Text.Contains($"sent {Events / 3}\n", StringComparison.Ordinal), () => errors.Text);

        await (isKilled ? silo.KillAsync() : silo.StopAsync());
        await silo.DisposeAsync();
        await using SiloProcess next = await SiloProcess.StartAsync(SiloLaunch.OnFolder(folder.Path), address);
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await client.WaitForExitAsync(deadline.Token);
        await Task.WhenAll(output.Ended, errors.Ended);

        JsonObject profile = await next.Api.QueryAsync("/v1/customers/steady");
        int lost = Events - (int)profile["eventCount"]!;
        Assert.True(lost >= 0 && lost <= lostMax, $"{lost} of {Events} are lost. {output.Text.Trim().Split('\n')[^1]} {errors.Text}");
    }
}
