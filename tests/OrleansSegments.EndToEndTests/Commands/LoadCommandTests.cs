using System.Text.Json.Nodes;
using OrleansSegments.CrashTests.Files;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.EndToEndTests.Processes;

namespace OrleansSegments.EndToEndTests.Commands;

/// <summary>The load generator with a silo.</summary>
public sealed class LoadCommandTests
{
    [Fact]
    public async Task Load_reports_what_the_silo_counted()
    {
        using var folder = new TemporaryFolder();
        await using SiloProcess silo = await SiloProcess.StartAsync(folder.Path);
        FinishedCommand load = await SiloCommand.RunAsync(
            "load", "--url", silo.Address.ToString(), "--write-key", SegmentsApi.WriteKey, "--rate", "200", "--seconds", "2", "--customers", "100", "--json");
        load.AssertSucceeded();
        JsonNode report = JsonNode.Parse(load.Output)!;
        Assert.Equal(400, (long)report["events"]!);
        SummaryChecks.HasFigures(report);
        SummaryChecks.IsPlainText(load);
    }

    [Fact]
    public async Task An_unreachable_api_is_a_failure()
    {
        FinishedCommand load = await SiloCommand.RunAsync("load", "--url", "http://127.0.0.1:1", "--write-key", "any", "--rate", "10", "--seconds", "1", "--json");
        load.AssertRefused("no API answers at http://127.0.0.1:1/", "--url");
    }

    [Fact]
    public async Task An_invalid_address_is_refused() =>
        (await SiloCommand.RunAsync("load", "--url", "here", "--write-key", "any", "--json")).AssertRefused("here", "no address");
}
