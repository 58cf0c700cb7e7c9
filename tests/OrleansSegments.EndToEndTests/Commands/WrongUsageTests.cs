using OrleansSegments.CrashTests.Files;
using OrleansSegments.EndToEndTests.Processes;

namespace OrleansSegments.EndToEndTests.Commands;

/// <summary>Invalid arguments. Regression: many of them ended in a stack trace, some only after minutes of work.</summary>
public sealed class WrongUsageTests
{
    [Theory]
    [InlineData("demo --customers abc", "--customers is abc; it must be a whole number, 100 to 10000000")]
    [InlineData("demo --customers 99999999999", "--customers is 99999999999")]
    [InlineData("demo --seconds x --seed -1", "--seconds is x", "--seed is -1")]
    [InlineData("import cdnow none.txt --segments 0", "--segments is 0; it must be a whole number, 1 to 64")]
    [InlineData("import parquet none.txt --segments 1000", "'parquet' is not known", "--segments is 1000")]
    [InlineData("import", "FORMAT", "FILE")]
    [InlineData("import cdnow none.txt --url http://127.0.0.1:1 --data here --segments 3", "--url needs --key", "--data and --segments cannot be combined with --url")]
    [InlineData("import cdnow none.txt --key k", "--key goes with --url")]
    [InlineData("up --data '' --store mysql", "--data is empty", "--store is mysql; it must be embedded or postgresql")]
    [InlineData("up --urls http://127.0.0.1:abc --features ''", "127.0.0.1:abc is neither an IP address nor localhost", "--features is empty")]
    [InlineData("up --data= --json", "--data is --json; a value cannot begin with two dashes")]
    [InlineData("up --urls http://example:8080", "example is neither an IP address nor localhost")]
    [InlineData("up --urls http://127.0.0.1:8080/path", "leave /path out")]
    [InlineData("up --cluster --gateway-port 99999 --silo-port x", "--gateway-port is 99999", "--silo-port is x")]
    [InlineData("load --write-key k --rate 0 --seconds NaN --batch 1e9", "--rate is 0", "--seconds is NaN", "--batch is 1e9")]
    public async Task Every_wrong_value_is_reported_on_its_own_line(string command, params string[] lines)
    {
        FinishedCommand refused = await SiloCommand.RunAsync([.. command.Split(' ').Select(word => word.Trim('\''))]);
        AssertWrong(refused, lines);
    }

    [Fact]
    public async Task Wrong_settings_are_reported_together_before_anything_is_opened()
    {
        using var folder = new TemporaryFolder();
        FinishedCommand refused = await SiloCommand.RunAsync(["up", "--data", folder["data"]], null, Wrong);
        AssertWrong(refused, "Training:Interval is 'abc'", "Store:CommitLanes is 0", "ClientApi:RequestEventsMax is 0", "Cluster:SiloPort is 'z'", "Training:Intervall is no setting");
        Assert.False(Directory.Exists(folder["data"]));
    }

    [Fact]
    public async Task Wrong_settings_are_told_with_what_is_wrong_on_the_command_line() => AssertWrong(
        await SiloCommand.RunAsync(["demo", "--customers", "abc"], null, Wrong), "--customers is abc", "Training:Interval is 'abc'", "Store:CommitLanes is 0");

    private static Dictionary<string, string> Wrong => new()
    {
        ["Training__Interval"] = "abc",
        ["Training__Intervall"] = "01:00:00",
        ["Store__CommitLanes"] = "0",
        ["ClientApi__RequestEventsMax"] = "0",
        ["Cluster__SiloPort"] = "z",
    };

    private static void AssertWrong(FinishedCommand refused, params string[] lines)
    {
        refused.AssertRefused(lines);
        Assert.Equal(2, refused.ExitCode);
        string[] errors = [.. refused.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line.StartsWith("error: ", StringComparison.Ordinal))];
        Assert.All(lines, line => Assert.Single(errors, error => error.Contains(line, StringComparison.Ordinal)));
    }
}
