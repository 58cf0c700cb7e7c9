using OrleansSegments.CrashTests.Files;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.EndToEndTests.Http;
using OrleansSegments.EndToEndTests.Processes;

namespace OrleansSegments.EndToEndTests.Commands;

/// <summary>An import that stores nothing. Regression: it succeeded, or left a folder behind with a clock at 1970.</summary>
public sealed class EmptyImportTests : IDisposable
{
    private const string OfTheFuture = """{"type":"track","event":"Order Completed","userId":"ada","timestamp":"2100-01-01T00:00:00Z"}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""[{"type":"track","event":"Order Completed","userId":"ada"}]""", "1 missing timestamp")]
    [InlineData(OfTheFuture, "more than an hour from now")]
    public async Task It_fails_in_words_and_leaves_no_folder(string line, string reason)
    {
        (await ImportAsync(line)).AssertRefused(reason, "events.ndjson");
        Assert.False(Directory.Exists(_folder["data"]));
    }

    [Theory]
    [InlineData("no event")]
    [InlineData(OfTheFuture)]
    public async Task It_leaves_an_existing_folder_unchanged(string line)
    {
        await using (SiloProcess silo = await SiloProcess.StartAsync(_folder["data"]))
        {
            (await silo.Api.PostEventsAsync("/v1/track", """{"userId":"ada","event":"Order Completed","messageId":"m1"}""")).AssertAccepted(1, 0);
            Assert.Equal(0, await silo.StopAsync());
        }

        (await ImportAsync(line)).AssertRefused("events.ndjson");
        await using SiloProcess again = await SiloProcess.StartAsync(_folder["data"]);
        Assert.Equal(1, await again.Api.EventCountAsync("ada"));
        Assert.Equal("system", (string?)(await again.Api.QueryAsync("/v1/segments"))["clock"]);
    }

    private Task<FinishedCommand> ImportAsync(string line) => SiloCommand.RunAsync(
        "import", "events-ndjson", _folder.Write("events.ndjson", line), "--data", _folder["data"], "--json");
}
