using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansSegments.Silo.CommandLine;

namespace OrleansSegments.Benchmarks.Reports;

/// <summary>
/// Prints the figures of one benchmark and writes them, with the machine's description, to <c>loadtests/results/</c>. Regressions are kept
/// too.
/// </summary>
internal static class BenchReport
{
    public static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Writes the report; returns the exit code: 1 when a limit is missed.</summary>
    public static int Write(string name, string how, IReadOnlyList<Figure> figures, string? options = null)
    {
        foreach (Figure figure in figures)
        {
            string bar = figure.Bar is { } value ? $"bar {value:N1}: {(figure.MeetsBar ? "met" : "missed")}" : "no bar";
            Console.WriteLine($"{figure.Name}: {figure.Median:N1} {figure.Unit} ({figure.Lowest:N1} to {figure.Highest:N1}), {bar}");
        }

        Keep(name, new { Machine = Machine.Describe(), Command = $"./segments bench {options ?? name}", How = how, Figures = figures });
        return figures.All(figure => figure.MeetsBar) ? 0 : 1;
    }

    /// <summary>Writes a report unchanged.</summary>
    public static void Keep(string name, object report)
    {
        string file = FileOf(name);
        File.WriteAllText(file, JsonSerializer.Serialize(report, Json) + Environment.NewLine);
        Console.WriteLine($"kept in {file}");
    }

    /// <summary>The last written report; null when there is none.</summary>
    public static JsonNode? Read(string name) => File.Exists(FileOf(name)) ? JsonNode.Parse(File.ReadAllText(FileOf(name))) : null;

    private static string FileOf(string name) => Path.Combine(ResultsFolder(), $"{name}.json");

    public static string ResultsFolder()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "OrleansSegments.sln")))
            {
                return Directory.CreateDirectory(Path.Combine(folder.FullName, "loadtests", "results")).FullName;
            }
        }

        return Directory.GetCurrentDirectory();
    }
}

/// <summary>One measured quantity: every run, and its limit (a maximum or a minimum), if any.</summary>
internal sealed record Figure(string Name, string Unit, double? Bar, bool BarIsMaximum, IReadOnlyList<double> Runs)
{
    /// <summary>
    /// A rate by elapsed time, compared with the limit, and the processor cost of one operation, compared with what that many processors
    /// could spend at the limit.
    /// </summary>
    public static IEnumerable<Figure> OfRate(string name, double? bar, int processors, IReadOnlyList<Rate> runs) =>
    [
        new(name, "1/s", bar, false, [.. runs.Select(run => run.PerSecond)]),
        new($"{name}, processor time each", "ns", processors * 1e9 / bar, true,
            [.. runs.Select(run => run.ProcessorNanosecondsEach)]),
    ];

    public double Median => Runs.Order().ElementAt(Runs.Count / 2);

    public double Lowest => Runs.Min();

    public double Highest => Runs.Max();

    public bool MeetsBar => Bar is null || (BarIsMaximum ? Median <= Bar : Median >= Bar);
}

/// <summary>A number of operations with elapsed and processor time. Processor time is meaningful also on a shared machine.</summary>
internal readonly record struct Rate(double Operations, TimeSpan Elapsed, TimeSpan ProcessorTime)
{
    public double PerSecond => Operations / Elapsed.TotalSeconds;

    /// <summary>Includes all threads of the process and the garbage collector.</summary>
    public double ProcessorNanosecondsEach => ProcessorTime.TotalNanoseconds / Operations;
}

/// <summary>The context without which a figure is meaningless: commit, date and machine.</summary>
internal sealed record Machine(string Commit, DateTimeOffset MeasuredAt, string Cpu, int Cores, double MemoryGib, string Os, string DotNet)
{
    public static Machine Describe() => new(
        Commit: Git("rev-parse --short HEAD") + (Git("status --porcelain").Length > 0 ? "+changes" : ""),
        MeasuredAt: DateTimeOffset.UtcNow,
        Cpu: CpuModel(),
        Cores: Environment.ProcessorCount,
        MemoryGib: Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1024.0 * 1024 * 1024), 1),
        Os: RuntimeInformation.OSDescription,
        DotNet: RuntimeInformation.FrameworkDescription);

    private static string CpuModel()
    {
        const string Path = "/proc/cpuinfo";
        var line = File.Exists(Path) ? File.ReadLines(Path).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line is null ? RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':') + 1)..].Trim();
    }

    private static string Git(string arguments)
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", arguments) { RedirectStandardOutput = true, RedirectStandardError = true });
            return git is null ? "" : git.StandardOutput.ReadToEnd().Trim();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "unknown";
        }
    }
}

/// <summary>
/// Runs the benchmarks' command line. An interrupted benchmark (Ctrl-C, SIGTERM) first removes its stores and servers and writes no result.
/// </summary>
internal static class BenchInvocation
{
    /// <summary>A benchmark without options.</summary>
    public static Command Plain(string name, string about, Func<int> run)
    {
        var command = new Command(name, about);
        command.SetAction(_ => run());
        return command;
    }

    /// <summary>A benchmark without options that must clean up its store when interrupted.</summary>
    public static Command Plain(string name, string about, Func<CancellationToken, Task<int>> run)
    {
        var command = new Command(name, about);
        command.SetAction((_, cancellationToken) => run(cancellationToken));
        return command;
    }

    /// <summary>Without a name, prints the list of benchmarks with exit code 0.</summary>
    public static Task<int> RunAsync(RootCommand root, string[] args) =>
        CommandRunner.RunAsync(root, args is [] ? ["--help"] : args, onInterrupt: "Interrupted; no result was kept.");
}
