using System.Text.Json.Nodes;
using OrleansSegments.CrashTests.Files;
using OrleansSegments.CrashTests.Fuzz;
using OrleansSegments.CrashTests.Processes;

namespace OrleansSegments.EndToEndTests.Fuzz;

/// <summary>Whatever is sent, the API answers in JSON and never with its own failure. <c>bench fuzz</c> is the long version.</summary>
public sealed class FuzzTests
{
    private const int Requests = 6_000;

    [Fact]
    public async Task Thousands_of_broken_requests_are_answered_without_a_failure_of_the_server()
    {
        using var folder = new TemporaryFolder();
        await using SiloProcess silo = await SiloProcess.StartAsync(folder.Path);

        FuzzReport report = await FuzzRun.RunAsync(silo.Address, seed: 5, Requests, static _ => { }, TestContext.Current.CancellationToken);

        Assert.True(report.Faults.Count == 0, string.Join('\n', report.Faults));
        Assert.True(report.Statuses.GetValueOrDefault(200) > Requests / 10 && report.Statuses.GetValueOrDefault(400) > Requests / 10, string.Join(", ", report.Statuses));
        Assert.True(await silo.Api.IsReadyAsync());
        JsonObject segments = await silo.Api.QueryAsync("/v1/segments");
        Assert.Equal((long)segments["population"]!, segments["segments"]!.AsArray().Sum(segment => (long)segment!["size"]!));
    }
}
