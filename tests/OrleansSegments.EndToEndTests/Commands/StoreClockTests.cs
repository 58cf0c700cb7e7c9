using System.Globalization;
using System.Text.Json.Nodes;
using OrleansSegments.CrashTests.Files;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.EndToEndTests.Http;
using OrleansSegments.EndToEndTests.Processes;

namespace OrleansSegments.EndToEndTests.Commands;

/// <summary>The clock of a store with imported history, and how it is reported.</summary>
public sealed class StoreClockTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// Regression: a user who followed the README had an event of 2026 stored as of 2011-12-09, with the answer "accepted".
    /// </summary>
    [Fact]
    public async Task Old_history_is_served_on_a_replayed_clock_and_switched_to_the_system_clock_on_request()
    {
        FinishedCommand import = await ImportAsync("old", "2011-12-09T12:00:00Z");
        import.AssertSucceeded();
        Assert.Contains($"./segments up --data {_folder["data"]} --system-clock", import.Output, StringComparison.Ordinal);

        await using (SiloProcess replayed = await SiloProcess.StartAsync(_folder["data"]))
        {
            Assert.Contains("is at 2011-12-09 12:00", replayed.Errors, StringComparison.Ordinal);
            Assert.Contains("--system-clock", replayed.Errors, StringComparison.Ordinal);
            (await replayed.Api.PostEventsAsync("/v1/track", Event("ada", DateTimeOffset.UtcNow))).AssertRefused(400, "outside_replayed_time");
            Assert.Equal(0, await replayed.Api.EventCountAsync("ada"));
            Assert.Equal("replayed", (string?)(await replayed.Api.QueryAsync("/v1/customers/old"))["clock"]);
            Assert.Equal(0, await replayed.StopAsync());
        }

        await using SiloProcess present = await SiloProcess.StartAsync(_folder["data"], "--system-clock");
        await AssertLivesInThePresentAsync(present);
    }

    [Fact]
    public async Task Recent_history_is_served_on_the_system_clock()
    {
        (await ImportAsync("recent", DateTimeOffset.UtcNow.AddDays(-29).ToString("O", CultureInfo.InvariantCulture))).AssertSucceeded();
        await using SiloProcess silo = await SiloProcess.StartAsync(_folder["data"]);
        Assert.DoesNotContain("--system-clock", silo.Errors, StringComparison.Ordinal);
        await AssertLivesInThePresentAsync(silo);
    }

    /// <summary>Regression: every import marked the folder as replayed again.</summary>
    [Fact]
    public async Task A_later_import_does_not_take_a_store_off_the_system_clock()
    {
        (await ImportAsync("first", "2011-12-09T12:00:00Z")).AssertSucceeded();
        await using (SiloProcess silo = await SiloProcess.StartAsync(_folder["data"], "--system-clock"))
        {
            Assert.Equal(0, await silo.StopAsync());
        }

        (await ImportAsync("second", "2012-02-01T12:00:00Z")).AssertSucceeded();
        await using SiloProcess again = await SiloProcess.StartAsync(_folder["data"]);
        await AssertLivesInThePresentAsync(again);
        Assert.Equal(1, await again.Api.EventCountAsync("second"));
    }

    [Fact]
    public async Task An_import_into_a_store_of_live_events_leaves_it_on_the_system_clock()
    {
        await using (SiloProcess silo = await SiloProcess.StartAsync(_folder["data"]))
        {
            (await silo.Api.PostEventsAsync("/v1/track", Event("live", DateTimeOffset.UtcNow))).AssertAccepted(1, 0);
            Assert.Equal(0, await silo.StopAsync());
        }

        (await ImportAsync("old", "2011-12-09T12:00:00Z")).AssertSucceeded();
        await using SiloProcess again = await SiloProcess.StartAsync(_folder["data"]);
        await AssertLivesInThePresentAsync(again);
    }

    private static async Task AssertLivesInThePresentAsync(SiloProcess silo)
    {
        DateTimeOffset moment = DateTimeOffset.UtcNow.AddMinutes(-5);
        (await silo.Api.PostEventsAsync("/v1/track", Event("ada", moment))).AssertAccepted(1, 0);
        JsonObject ada = await silo.Api.QueryAsync("/v1/customers/ada");
        Assert.Equal("system", (string?)ada["clock"]);
        Assert.Equal(moment.ToUnixTimeMilliseconds(), ((DateTimeOffset)ada["lastEventAt"]!).ToUnixTimeMilliseconds());
        Assert.InRange((DateTimeOffset)ada["asOf"]!, moment, DateTimeOffset.UtcNow.AddMinutes(1));
    }

    private static string Event(string customer, DateTimeOffset at) => $$"""{"userId":"{{customer}}","event":"Order Completed","timestamp":"{{at:yyyy-MM-ddTHH:mm:ss.fffZ}}"}""";

    private Task<FinishedCommand> ImportAsync(string customer, string at) => SiloCommand.RunAsync(
        "import", "events-ndjson", _folder.Write("events.ndjson", $$"""{"type":"track","event":"Order Completed","userId":"{{customer}}","timestamp":"{{at}}"}"""), "--data", _folder["data"]);
}
