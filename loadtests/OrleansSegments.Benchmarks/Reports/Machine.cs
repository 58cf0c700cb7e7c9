using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OrleansSegments.Benchmarks.Reports;

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
