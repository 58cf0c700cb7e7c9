using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansSegments.Silo.CommandLine;

namespace OrleansSegments.Benchmarks.Reports;

/// <summary>Prints the figures of one benchmark and keeps them, with the machine, under <c>loadtests/results/</c>. Losses are kept like gains.</summary>
internal static class BenchReport
{
    public static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Writes the report; returns the exit code: 1 when a bar is missed.</summary>
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

    /// <summary>Keeps a report as it is.</summary>
    public static void Keep(string name, object report)
    {
        string file = FileOf(name);
        File.WriteAllText(file, JsonSerializer.Serialize(report, Json) + Environment.NewLine);
        Console.WriteLine($"kept in {file}");
    }

    /// <summary>The report that was kept last; null if there is none.</summary>
    public static JsonNode? Read(string name) => File.Exists(FileOf(name)) ? JsonNode.Parse(File.ReadAllText(FileOf(name))) : null;

    private static string FileOf(string name) => Path.Combine(ResultsFolder(), $"{name}.json");

    private static string ResultsFolder()
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

/// <summary>One measured quantity: every run, and the bar it is held to (at most, or at least) if there is one.</summary>
internal sealed record Figure(string Name, string Unit, double? Bar, bool BarIsMaximum, IReadOnlyList<double> Runs)
{
    /// <summary>
    /// A rate by the clock, held to the bar, and what one operation costs the processors, held to what that many processors may spend at the bar.
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

/// <summary>So many operations in so much time, by the clock and by the processor. The second means something on a shared machine, too.</summary>
internal readonly record struct Rate(double Operations, TimeSpan Elapsed, TimeSpan ProcessorTime)
{
    public double PerSecond => Operations / Elapsed.TotalSeconds;

    /// <summary>All threads of the process, the collector's included.</summary>
    public double ProcessorNanosecondsEach => ProcessorTime.TotalNanoseconds / Operations;
}

/// <summary>What a number must carry to mean anything: where it was measured, and of what.</summary>
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
