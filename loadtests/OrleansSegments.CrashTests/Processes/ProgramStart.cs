using System.Diagnostics;

namespace OrleansSegments.CrashTests.Processes;

/// <summary>Starts programs with their output redirected into pipes and nothing inherited that would change what they do.</summary>
public static class ProgramStart
{
    public static Process Start(
        string program, IEnumerable<string> arguments, string? workingFolder = null, IReadOnlyDictionary<string, string>? settings = null)
    {
        // What runs in the background of a shell ignores SIGINT, and children would inherit that.
        string[] prefix = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT", program] : [program];
        var start = new ProcessStartInfo(prefix[0], [.. prefix[1..], .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = workingFolder ?? Path.GetTempPath(),
        };
        foreach (string name in start.Environment.Keys.Where(k => k.StartsWith("ASPNETCORE_", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(name);
        }

        foreach ((string name, string value) in settings ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        process.StandardInput.Close();
        return process;
    }
}
