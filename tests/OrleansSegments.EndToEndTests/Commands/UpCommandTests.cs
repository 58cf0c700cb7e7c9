using System.Text.Json.Nodes;
using OrleansSegments.CrashTests.Files;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.EndToEndTests.Http;
using OrleansSegments.EndToEndTests.Processes;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.EndToEndTests.Commands;

/// <summary>Starting and stopping a silo, and every reason not to start.</summary>
public sealed class UpCommandTests : IDisposable
{
    private const string AnyPort = "http://127.0.0.1:0";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(PosixSignal.Interrupt)]
    [InlineData(PosixSignal.Terminate)]
    public async Task A_signal_stops_the_silo_with_exit_code_0_and_a_second_start_finds_everything(int signal)
    {
        await using (SiloProcess first = await SiloProcess.StartAsync(_folder["data"]))
        {
            (await first.Api.PostEventsAsync("/v1/track", """{"userId":"ada","event":"Order Completed","messageId":"m1"}""")).AssertAccepted(1, 0);
            Assert.Equal(0, await first.StopAsync(signal));
            Assert.DoesNotContain(first.Output + first.Errors, c => char.IsControl(c) && c is not ('\n' or '\t'));
        }

        await using SiloProcess second = await SiloProcess.StartAsync(_folder["data"]);
        Assert.Equal(1, await second.Api.EventCountAsync("ada"));
        (await second.Api.PostEventsAsync("/v1/track", """{"userId":"ada","event":"Order Completed","messageId":"m1"}""")).AssertAccepted(0, 1);
    }

    [Fact]
    public async Task A_folder_in_use_and_a_port_in_use_are_named()
    {
        await using SiloProcess first = await SiloProcess.StartAsync(_folder["data"]);
        (await UpAsync("--data", _folder["data"], "--urls", AnyPort)).AssertRefused(_folder["data"], "in use");
        (await UpAsync("--data", _folder["other"], "--urls", first.Address.ToString().TrimEnd('/'))).AssertRefused(first.Address.Port.ToString(), "--urls");
        Assert.True(await first.Api.IsReadyAsync());
    }

    /// <summary>Anyone who reaches the ports of an Orleans silo has full access.</summary>
    [Fact]
    public async Task A_single_silo_listens_only_for_HTTP()
    {
        await using SiloProcess silo = await SiloProcess.StartAsync(_folder["data"]);
        Assert.Equal([silo.Address.Port], ListeningPorts.Of(silo.ProcessId));
    }

    [Fact]
    public async Task A_folder_that_a_newer_program_wrote_is_not_changed()
    {
        await using (SiloProcess silo = await SiloProcess.StartAsync(_folder["data"]))
        {
            Assert.Equal(0, await silo.StopAsync());
        }

        string file = Path.Combine(_folder["data"], "store.format");
        await File.WriteAllTextAsync(file, "999");
        (await UpAsync("--data", _folder["data"], "--urls", AnyPort)).AssertRefused(Path.GetFileName(file), "999", "newer");
        Assert.Equal("999", await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task A_listener_for_everyone_needs_keys() =>
        (await UpAsync("--data", _folder["data"], "--urls", "http://0.0.0.0:0")).AssertRefused("0.0.0.0", "ClientApi__WriteKeys__0");

    /// <summary>Regression: each of these ended in a stack trace.</summary>
    [Theory]
    [InlineData("nonsense", "no address")]
    [InlineData("http://127.0.0.1:abc", "neither an IP address")]
    [InlineData("ftp://127.0.0.1:0", "http or https")]
    [InlineData("http://127.0.0.1:99999", "65535")]
    [InlineData("http://localhost:0", "127.0.0.1")]
    [InlineData("https://127.0.0.1:0", "certificate")]
    public async Task An_address_that_cannot_be_listened_on_is_refused(string address, string rule) =>
        (await UpAsync("--data", _folder["data"], "--urls", address)).AssertRefused(rule);

    [Fact]
    public async Task A_catalogue_with_a_mistake_is_refused_and_the_entry_named() =>
        (await UpAsync("--data", _folder["data"], "--urls", AnyPort, "--features", BadCatalogue.Write(_folder)))
            .AssertRefused(BadCatalogue.Entry, BadCatalogue.Value);

    [Fact]
    public async Task A_check_of_the_features_says_what_would_change_and_changes_nothing()
    {
        JsonNode catalogue = JsonNode.Parse(File.ReadAllText(Path.Combine(SiloProgram.RepositoryRoot, "grains/OrleansSegments.Engine/Features/features.json")))!;
        catalogue["features"]!.AsArray().Single(feature => (string?)feature!["name"] == "pages_30d")!["halfLifeDays"] = 20;
        string changed = _folder.Write("changed.json", catalogue.ToJsonString());
        FinishedCommand fresh = await UpAsync("--data", _folder["data"], "--features", changed, "--check");
        fresh.AssertSucceeded();
        Assert.False(Directory.Exists(_folder["data"]), fresh.ToString());
        await using (SiloProcess silo = await SiloProcess.StartAsync(_folder["data"]))
        {
            (await silo.Api.PostEventsAsync("/v1/track", """{"userId":"ada","event":"Order Completed","messageId":"m1"}""")).AssertAccepted(1, 0);
            Assert.Equal(0, await silo.StopAsync());
        }

        for (int attempt = 0; attempt < 2; attempt++)
        {
            FinishedCommand check = await UpAsync("--data", _folder["data"], "--features", changed, "--check", "--json");
            check.AssertSucceeded();
            JsonNode answer = JsonNode.Parse(check.Output)!;
            Assert.Equal((1, "pages_30d", true), ((int)answer["customers"]!, (string?)answer["changed"]![0]!["name"], (bool)answer["changed"]![0]!["beginsEmpty"]!));
            Assert.Empty(answer["new"]!.AsArray());
            Assert.Empty(answer["removed"]!.AsArray());
        }

        FinishedCommand bad = await UpAsync("--data", _folder["data"], "--features", BadCatalogue.Write(_folder), "--check");
        bad.AssertRefused(BadCatalogue.Entry, BadCatalogue.Value);
        Assert.Equal(2, bad.ExitCode);
    }

    [Fact]
    public async Task A_catalogue_that_is_missing_or_no_json_is_refused()
    {
        (await UpAsync("--data", _folder["data"], "--urls", AnyPort, "--features", _folder["none.json"])).AssertRefused("none.json", "no such file");
        (await UpAsync("--data", _folder["data"], "--urls", AnyPort, "--features", _folder.Write("bad.json", "{ not json"))).AssertRefused("bad.json");
    }

    [Fact]
    public async Task A_setting_out_of_its_range_is_named()
    {
        FinishedCommand up = await SiloCommand.RunAsync(
            ["up", "--data", _folder["data"], "--urls", AnyPort], null, new Dictionary<string, string> { ["Store__MemoryBytes"] = "-1" });
        up.AssertRefused("MemoryBytes");
    }

    [Fact]
    public async Task Generated_keys_are_printed_and_are_the_same_after_a_restart()
    {
        string first = await KeysPrintedAsync();
        Assert.Matches("write wk_[0-9a-f]{32}  read rk_[0-9a-f]{32}  admin ak_[0-9a-f]{32}$", first);
        Assert.Equal(first, await KeysPrintedAsync());
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(_folder["data/keys.json"]) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    private async Task<string> KeysPrintedAsync()
    {
        using var process = SiloCommand.Start(["up", "--data", _folder["data"], "--urls", AnyPort]);
        var errors = new ProcessOutput(process.StandardError);
        try
        {
            const string start = "No keys are configured";
            string Printed() => errors.Text.Split('\n').SkipLast(1).FirstOrDefault(line => line.StartsWith(start, StringComparison.Ordinal)) ?? "";
            await Condition.HoldsAsync("the keys are printed", () => Printed().Length > 0, () => errors.Text);
            Assert.Matches(@"(?m)^Console: http://127\.0\.0\.1:\d+/enter\?code=[0-9a-f]{32}$", errors.Text);
            return Printed();
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    private static Task<FinishedCommand> UpAsync(params string[] arguments) => SiloCommand.RunAsync(["up", .. arguments]);
}
