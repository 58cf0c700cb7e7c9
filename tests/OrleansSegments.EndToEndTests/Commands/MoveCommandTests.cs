using System.Text.Json.Nodes;
using OrleansSegments.CrashTests.Checks;
using OrleansSegments.CrashTests.Files;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.CrashTests.Load;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.EndToEndTests.Processes;
using OrleansSegments.TestKit.Postgres;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.EndToEndTests.Commands;

/// <summary>Moving a store with the commands backup, restore and copy.</summary>
public sealed class MoveCommandTests : IDisposable
{
    private const int Customers = 400;
    private const int BatchEvents = 50;
    private const int Senders = 4;
    private const int BatchesBefore = 40;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// The silo is killed after its backup; a client that sends everything since the backup again gets to the same result as without the
    /// loss.
    /// </summary>
    [Fact]
    public async Task A_backup_under_load_restores_to_a_silo_that_a_checker_finds_nothing_wrong_with()
    {
        var ledger = new SenderLedger();
        FinishedCommand backup;
        await using (SiloProcess silo = await SiloProcess.StartAsync(_folder["data"]))
        {
            await using (LoadSenders.Start(silo.Api, new ShopperFeed(7, TimeProvider.System, Customers, BatchEvents), ledger, Senders))
            {
                await Condition.HoldsAsync("batches are acknowledged", () => ledger.AcknowledgedCount >= BatchesBefore);
                backup = await SiloCommand.RunAsync("backup", "--url", silo.Address.ToString(), "--key", SegmentsApi.AdminKey, "--to", "monday", "--json");
                int then = ledger.AcknowledgedCount;
                await Condition.HoldsAsync("more of them are acknowledged", () => ledger.AcknowledgedCount > then);
            }

            await silo.KillAsync();
        }

        backup.AssertSucceeded();
        JsonNode made = JsonNode.Parse(backup.Output)!;
        FinishedCommand restore = await SiloCommand.RunAsync("restore", "--from", (string)made["path"]!, "--data", _folder["restored"], "--json");
        restore.AssertSucceeded();
        JsonNode contents = JsonNode.Parse(restore.Output)!["contents"]!;
        Assert.Equal(made["contents"]!.ToJsonString(), contents.ToJsonString());

        await using SiloProcess next = await SiloProcess.StartAsync(_folder["restored"]);
        Assert.Equal((long)contents["customers"]!, (long)(await next.Api.QueryAsync("/v1/segments"))["population"]!);
        await LoadSenders.SettleAsync(next.Api, ledger.Sent, ledger, Senders, TestContext.Current.CancellationToken);
        await using var checker = new Checker(next.Address, ledger);
        Findings findings = await checker.CountAsync();
        Assert.True(findings.AreNone, findings.ToString());
    }

    [Fact]
    public async Task A_stopped_folder_is_backed_up_restored_and_copied_and_every_wrong_use_is_refused()
    {
        await DemoAsync();
        (await SiloCommand.RunAsync("backup", "--data", _folder["data"])).AssertRefused("--to");
        (await SiloCommand.RunAsync("backup", "--data", _folder["none"], "--to", _folder["x"])).AssertRefused("no data folder");
        (await SiloCommand.RunAsync("restore", "--from", _folder["data"], "--data", _folder["x"])).AssertRefused("is no backup");
        (await SiloCommand.RunAsync("backup", "--url", "http://127.0.0.1:1", "--key", "k")).AssertRefused("--url");

        FinishedCommand backup = await SiloCommand.RunAsync("backup", "--data", _folder["data"], "--to", _folder["copy"]);
        backup.AssertSucceeded();
        Assert.Contains("300 customers", backup.Output, StringComparison.Ordinal);
        (await SiloCommand.RunAsync("backup", "--data", _folder["data"], "--to", _folder["copy"])).AssertRefused("not empty");
        (await SiloCommand.RunAsync("restore", "--from", _folder["copy"], "--data", _folder["data"])).AssertRefused("not empty");
        (await SiloCommand.RunAsync("up", "--data", _folder["copy"])).AssertRefused("./segments restore");
        (await SiloCommand.RunAsync("restore", "--from", _folder["copy"], "--data", _folder["restored"])).AssertSucceeded();
        (await SiloCommand.RunAsync("backup", "--data", _folder["restored"], "--to", _folder["again"])).AssertSucceeded();
        (await SiloCommand.RunAsync("backup", "--data", _folder["again"], "--to", _folder["x"])).AssertRefused("is a backup");

        await using SiloProcess silo = await SiloProcess.StartAsync(_folder["restored"]);
        (await SiloCommand.RunAsync("backup", "--data", _folder["restored"], "--to", _folder["x"])).AssertRefused("in use", "--url");
        (await SiloCommand.RunAsync("restore", "--from", _folder["copy"], "--data", _folder["restored"])).AssertRefused("in use");
        Assert.False(Directory.Exists(_folder["x"]) || Directory.Exists(_folder["x.partial"]));
    }

    [Fact]
    public async Task A_folder_is_copied_to_PostgreSQL_and_served_there_and_a_second_copy_is_refused()
    {
        Assert.SkipWhen(PostgresServer.Unavailable is not null, PostgresServer.Unavailable ?? "");
        await using PostgresServer server = await PostgresServer.StartAsync();
        await DemoAsync();
        string[] line = ["copy", "--from", _folder["data"], "--connection", server.ConnectionString(), "--schema", "moved", "--json"];
        FinishedCommand copy = await SiloCommand.RunAsync(line);
        copy.AssertSucceeded();
        JsonNode summary = JsonNode.Parse(copy.Output)!;
        Assert.Equal(300, (long)summary["tables"]!.AsArray().Single(table => (string?)table!["name"] == "customers")!["rows"]!);
        (await SiloCommand.RunAsync(line)).AssertRefused("DROP SCHEMA moved CASCADE", "--schema");
        FinishedCommand wrong = await SiloCommand.RunAsync("copy", "--from", _folder["data"], "--schema", "Not one");
        wrong.AssertRefused("Schema", "ConnectionString");
        Assert.Equal(2, wrong.ExitCode);

        var launch = new SiloLaunch(
            SiloProgram.Path, [], ["--store", "postgresql", "--connection", server.ConnectionString()], new Dictionary<string, string> { ["Store__Schema"] = "moved" });
        await using SiloProcess silo = await SiloProcess.StartAsync(launch);
        JsonObject census = await silo.Api.QueryAsync("/v1/segments");
        Assert.Equal((300, (int)summary["contents"]!["modelVersion"]!), ((long)census["population"]!, (int)census["modelVersion"]!));
        Assert.Equal(501, (await silo.Api.SendAsync(HttpMethod.Post, "/v1/admin/backup", SegmentsApi.AdminKey)).Status);
    }

    private async Task DemoAsync() => (await SiloCommand.RunAsync(
        "demo", "--customers", "300", "--seconds", "1", "--exit", "--json", "--data", _folder["data"], "--urls", "http://127.0.0.1:0")).AssertSucceeded();
}
