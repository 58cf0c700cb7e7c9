using System.CommandLine;

namespace OrleansSegments.Benchmarks.Reports;

/// <summary>Runs a benchmark's command line. A benchmark that is told to end (Ctrl-C, SIGTERM) removes its stores and servers first and keeps no result.</summary>
internal static class BenchInvocation
{
    private const int Interrupted = 130;

    // A store of a million customers is closed, and its folder deleted.
    private static readonly TimeSpan EndingMax = TimeSpan.FromMinutes(1);

    public static int Run(RootCommand command, string[] args) => RunAsync(command, args).GetAwaiter().GetResult();

    private static async Task<int> RunAsync(RootCommand command, string[] args)
    {
        try
        {
            return await command.Parse(args).InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = EndingMax });
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Interrupted; no result was kept.");
            return Interrupted;
        }
    }
}
