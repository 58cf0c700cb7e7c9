using System.Diagnostics;
using System.Globalization;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.EndToEndTests.Processes;

/// <summary>Runs one command, to its end or until told to stop.</summary>
internal static class SiloCommand
{
    /// <summary>Far longer than any command here needs, to distinguish a hang from a slow machine.</summary>
    public static readonly TimeSpan EndsWithin = TimeSpan.FromMinutes(2);

    /// <summary>Starts the program that <c>./segments</c> starts for the command, with its output redirected into pipes.</summary>
    public static Process Start(IEnumerable<string> arguments, string? workingFolder = null, IReadOnlyDictionary<string, string>? settings = null)
    {
        string program = arguments.First() is "demo" or "import" or "export" or "load" ? SiloProgram.Find("OrleansSegments.Tools", "loadtests") : SiloProgram.Path;
        return ProgramStart.Start("dotnet", [program, .. arguments], workingFolder, settings);
    }

    public static Task<FinishedCommand> RunAsync(params string[] arguments) => RunAsync(arguments, workingFolder: null);

    public static Task<FinishedCommand> RunAsync(
        IEnumerable<string> arguments, string? workingFolder, IReadOnlyDictionary<string, string>? settings = null) =>
        FinishAsync(Start(arguments, workingFolder, settings), string.Join(' ', arguments));

    /// <summary>Runs a command and sends Ctrl-C as soon as it has written the given text to the error output.</summary>
    public static Task<FinishedCommand> InterruptAsync(string saying, params string[] arguments) =>
        FinishAsync(Start(arguments), string.Join(' ', arguments), saying);

    /// <summary>Runs the script at the repository's root.</summary>
    public static Task<FinishedCommand> RunScriptAsync(params string[] arguments) =>
        FinishAsync(ProgramStart.Start(Path.Combine(SiloProgram.RepositoryRoot, "segments"), arguments), string.Join(' ', arguments));

    /// <summary>Runs the benchmarks' program, as <c>./segments bench</c> does.</summary>
    public static Task<FinishedCommand> RunBenchAsync(params string[] arguments) => FinishAsync(
        ProgramStart.Start("dotnet", [SiloProgram.Find("OrleansSegments.Benchmarks", "loadtests"), .. arguments]), $"bench {string.Join(' ', arguments)}");

    /// <summary>Runs any program.</summary>
    public static Task<FinishedCommand> RunProgramAsync(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> settings) =>
        FinishAsync(ProgramStart.Start(program, arguments, settings: settings), $"{program} {string.Join(' ', arguments)}");

    private static async Task<FinishedCommand> FinishAsync(Process started, string what, string? interruptAt = null)
    {
        using Process process = started;
        var output = new ProcessOutput(process.StandardOutput);
        var errors = new ProcessOutput(process.StandardError);
        using var deadline = new CancellationTokenSource(EndsWithin);
        try
        {
            if (interruptAt is not null)
            {
                await Condition.HoldsAsync($"'{what}' says '{interruptAt}'", () => errors.Text.Contains(interruptAt, StringComparison.Ordinal), () => errors.Text);
                PosixSignal.Send(process, PosixSignal.Interrupt);
            }

            await process.WaitForExitAsync(deadline.Token);
        }
        catch (Exception late) when (late is OperationCanceledException or TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"'{what}' did not end within {EndsWithin}. Output:\n{output.Text}\nErrors:\n{errors.Text}");
        }

        await Task.WhenAll(output.Ended, errors.Ended);
        return new FinishedCommand(what, process.ExitCode, output.Text, errors.Text);
    }
}

/// <summary>A finished command with all of its output.</summary>
internal sealed record FinishedCommand(string Command, int ExitCode, string Output, string Errors)
{
    /// <summary>Expects that the command failed with these words on the error output, without a stack trace or other output.</summary>
    public void AssertRefused(params string[] words)
    {
        Assert.True(ExitCode != 0, $"The exit code is 0. {this}");
        Assert.True(Output.Length == 0, $"A refusal belongs on the error output. {this}");
        Assert.All(words, word => Assert.True(Errors.Contains(word, StringComparison.OrdinalIgnoreCase), $"'{word}' is not said. {this}"));
        Assert.False(Errors.Contains("   at ", StringComparison.Ordinal), $"A stack trace helps nobody. {this}");
    }

    /// <summary>Expects that the command ended because of Ctrl-C and reported it, without a stack trace and without a result.</summary>
    public void AssertInterrupted()
    {
        Assert.True(ExitCode == 130, ToString());
        Assert.True(Output.Length == 0, $"There is no result. {this}");
        Assert.Contains("Interrupted", Errors, StringComparison.Ordinal);
        Assert.False(Errors.Contains("   at ", StringComparison.Ordinal), $"A stack trace helps nobody. {this}");
    }

    public void AssertSucceeded() => Assert.True(ExitCode == 0, ToString());

    public override string ToString() => $"'{Command}' ended with {ExitCode}.\nOutput:\n{Output}\nErrors:\n{Errors}";
}

/// <summary>The TCP ports on which a process listens, from Linux's /proc; tests on other systems are skipped.</summary>
internal static class ListeningPorts
{
    private const string Listening = "0A";
    private const string SocketPrefix = "socket:[";

    public static int[] Of(int processId)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux lists the sockets of a process under /proc.");
        HashSet<string> own = [.. Directory.GetFiles($"/proc/{processId}/fd")
            .Select(file => new FileInfo(file).LinkTarget)
            .Where(target => target?.StartsWith(SocketPrefix, StringComparison.Ordinal) == true)
            .Select(target => target![SocketPrefix.Length..^1])];
        return [.. Rows(processId).Where(row => row.State == Listening && own.Contains(row.Inode)).Select(row => row.Port).Distinct().Order()];
    }

    /// <summary>The columns of /proc/net/tcp: number, local address, remote address, state, queues, timer, retransmits, user, time-out, inode.</summary>
    private static IEnumerable<(int Port, string State, string Inode)> Rows(int processId) =>
        from table in (string[])["tcp", "tcp6"]
        from line in File.ReadLines($"/proc/{processId}/net/{table}").Skip(1)
        let columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        select (int.Parse(columns[1].Split(':')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture), columns[3], columns[9]);
}
