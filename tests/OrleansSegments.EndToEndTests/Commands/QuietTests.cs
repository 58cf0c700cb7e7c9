using System.Text.RegularExpressions;
using OrleansSegments.CrashTests.Files;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.EndToEndTests.Http;
using OrleansSegments.EndToEndTests.Processes;

namespace OrleansSegments.EndToEndTests.Commands;

/// <summary>The output of a process without problems: no warning, no failure, no stack trace.</summary>
public sealed partial class QuietTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_silo_that_starts_serves_and_stops_logs_no_warning()
    {
        await using SiloProcess silo = await SiloProcess.StartAsync(_folder["data"]);
        (await silo.Api.PostEventsAsync("/v1/track", """{"userId":"ada","event":"Order Completed"}""")).AssertAccepted(1, 0);
        Assert.Equal(0, await silo.StopAsync());
        AssertQuiet(silo.Errors);
        Assert.DoesNotContain("schema version", silo.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_demo_and_an_import_log_no_warning()
    {
        FinishedCommand demo = await SiloCommand.RunAsync(
            "demo", "--customers", "300", "--seconds", "1", "--exit", "--json", "--data", _folder["demo"], "--urls", "http://127.0.0.1:0");
        demo.AssertSucceeded();
        AssertQuiet(demo.Errors);

        FinishedCommand import = await SiloCommand.RunAsync("import", "cdnow", _folder.Write("cdnow.txt", "00001 19970101 1 10.00\n00002 19970102 2 20.00\n"), "--data", _folder["import"]);
        import.AssertSucceeded();
        AssertQuiet(import.Errors);
    }

    [Fact]
    public async Task A_start_that_fails_says_why_and_leaves_no_folder()
    {
        await using SiloProcess first = await SiloProcess.StartAsync(_folder["data"]);
        FinishedCommand second = await SiloCommand.RunAsync("up", "--data", _folder["other"], "--urls", first.Address.ToString().TrimEnd('/'));
        second.AssertRefused("address already in use");
        AssertQuiet(second.Errors);
        Assert.False(Directory.Exists(_folder["other"]));
    }

    private static void AssertQuiet(string errors) => Assert.False(Complaint().IsMatch(errors) || errors.Contains("   at ", StringComparison.Ordinal), errors);

    [GeneratedRegex("^(warn|fail|crit): ", RegexOptions.Multiline)]
    private static partial Regex Complaint();
}
