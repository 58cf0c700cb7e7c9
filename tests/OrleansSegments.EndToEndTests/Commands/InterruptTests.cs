using OrleansSegments.CrashTests.Files;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.EndToEndTests.Processes;

namespace OrleansSegments.EndToEndTests.Commands;

/// <summary>Ctrl-C during long work. Regression: the commands continued, because only the host handled the signal.</summary>
public sealed class InterruptTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("keys")]
    [InlineData("events/s")]
    public async Task The_demo_ends(string saying) => (await SiloCommand.InterruptAsync(
        saying, "demo", "--customers", "1000", "--seconds", "600", "--exit", "--json", "--data", _folder["data"], "--urls", "http://127.0.0.1:0")).AssertInterrupted();

    [Fact]
    public async Task The_load_ends()
    {
        await using SiloProcess silo = await SiloProcess.StartAsync(_folder["data"]);
        FinishedCommand load = await SiloCommand.InterruptAsync(
            "accepted", "load", "--url", silo.Address.ToString(), "--write-key", SegmentsApi.WriteKey, "--rate", "100", "--seconds", "600", "--customers", "100", "--json");
        load.AssertInterrupted();
        Assert.True(await silo.Api.IsReadyAsync());
    }
}
