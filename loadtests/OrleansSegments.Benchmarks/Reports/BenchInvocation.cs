using System.CommandLine;
using OrleansSegments.Silo.CommandLine;

namespace OrleansSegments.Benchmarks.Reports;

/// <summary>Runs the command line of the benchmarks. One that is told to end (Ctrl-C, SIGTERM) removes its stores and servers first and keeps no result.</summary>
internal static class BenchInvocation
{
    /// <summary>A benchmark without options.</summary>
    public static Command Plain(string name, string about, Func<int> run)
    {
        var command = new Command(name, about);
        command.SetAction(_ => run());
        return command;
    }

    /// <summary>A benchmark without options that leaves a store behind unless it ends by itself.</summary>
    public static Command Plain(string name, string about, Func<CancellationToken, Task<int>> run)
    {
        var command = new Command(name, about);
        command.SetAction((_, cancellationToken) => run(cancellationToken));
        return command;
    }

    /// <summary>Without a name it lists what there is, which is an answer and no mistake.</summary>
    public static Task<int> RunAsync(RootCommand root, string[] args) =>
        CommandRunner.RunAsync(root, args is [] ? ["--help"] : args, onInterrupt: "Interrupted; no result was kept.");
}
