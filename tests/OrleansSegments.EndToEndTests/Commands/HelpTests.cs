using OrleansSegments.EndToEndTests.Processes;

namespace OrleansSegments.EndToEndTests.Commands;

/// <summary>Every command has help.</summary>
public sealed class HelpTests
{
    [Theory]
    [InlineData("", "restore")]
    [InlineData("up", "--data")]
    [InlineData("demo", "--customers")]
    [InlineData("import", "FORMAT")]
    [InlineData("load", "--write-key")]
    [InlineData("export", "customers")]
    [InlineData("backup", "--key")]
    [InlineData("restore", "--from")]
    [InlineData("copy", "--schema")]
    public async Task Help_is_printed_with_exit_code_0(string command, string names)
    {
        string[] arguments = command.Length == 0 ? ["--help"] : [command, "--help"];
        FinishedCommand help = await SiloCommand.RunAsync(arguments);
        help.AssertSucceeded();
        Assert.Contains(names, help.Output, StringComparison.Ordinal);
        Assert.Empty(help.Errors);
    }

    [Fact]
    public async Task A_command_that_does_not_exist_is_refused()
    {
        (await SiloCommand.RunAsync("segmentise")).AssertRefused("segmentise", "--help");
        (await SiloCommand.RunAsync("up", "--colour", "blue")).AssertRefused("--colour", "--help");
    }

    /// <summary>Regression: six of them answered --help with the general list and exit code 2, one with a stack trace.</summary>
    [Theory]
    [InlineData("kmeans")]
    [InlineData("trainers")]
    [InlineData("engine")]
    [InlineData("events")]
    [InlineData("store")]
    [InlineData("commits")]
    [InlineData("population")]
    [InlineData("catalogue")]
    [InlineData("crash")]
    [InlineData("fuzz")]
    [InlineData("visitors")]
    [InlineData("chaos")]
    [InlineData("cluster")]
    [InlineData("memory")]
    [InlineData("export")]
    public async Task Every_benchmark_has_help(string name)
    {
        FinishedCommand help = await SiloCommand.RunBenchAsync(name, "--help");
        help.AssertSucceeded();
        Assert.Contains($" {name} ", help.Output, StringComparison.Ordinal);
        Assert.Empty(help.Errors);
    }

    [Fact]
    public async Task Without_a_name_the_benchmarks_are_listed_and_a_wrong_one_is_refused()
    {
        FinishedCommand list = await SiloCommand.RunBenchAsync();
        list.AssertSucceeded();
        Assert.All(["kmeans", "store", "commits", "memory"], name => Assert.Contains($"  {name} ", list.Output, StringComparison.Ordinal));

        FinishedCommand wrong = await SiloCommand.RunBenchAsync("store", "--sustain-minutes", "x", "--only", "mysql");
        wrong.AssertRefused("--sustain-minutes is x; it must be a whole number, 0 to 600", "--only is mysql");
        Assert.Equal(2, wrong.ExitCode);
        (await SiloCommand.RunBenchAsync("horoscope")).AssertRefused("horoscope");
    }

    [Fact]
    public async Task The_script_has_help_too_and_refuses_a_command_that_does_not_exist()
    {
        FinishedCommand help = await SiloCommand.RunScriptAsync("--help");
        help.AssertSucceeded();
        Assert.All(["demo", "up", "import", "export", "backup", "restore", "copy", "load", "bench", "test"], c => Assert.Contains($"  {c} ", help.Output, StringComparison.Ordinal));

        FinishedCommand unknown = await SiloCommand.RunScriptAsync("segmentise");
        Assert.NotEqual(0, unknown.ExitCode);
        Assert.Contains("segmentise", unknown.Errors, StringComparison.Ordinal);
    }
}
