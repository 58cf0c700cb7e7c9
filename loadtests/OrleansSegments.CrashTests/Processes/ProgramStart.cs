using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace OrleansSegments.CrashTests.Processes;

/// <summary>Starts programs with redirected output and without inherited settings that would change their behaviour.</summary>
public static class ProgramStart
{
    public static Process Start(
        string program, IEnumerable<string> arguments, string? workingFolder = null, IReadOnlyDictionary<string, string>? settings = null)
    {
        // Background jobs of a shell ignore SIGINT, and child processes would inherit that.
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

/// <summary>Collects all output of a running process.</summary>
public sealed class ProcessOutput
{
    private readonly StringBuilder _text = new();

    public ProcessOutput(TextReader reader) => Ended = CollectAsync(reader);

    /// <summary>Completes when the process has closed the stream.</summary>
    public Task Ended { get; }

    /// <summary>The output so far.</summary>
    public string Text
    {
        get
        {
            lock (_text)
            {
                return _text.ToString();
            }
        }
    }

    private async Task CollectAsync(TextReader reader)
    {
        char[] buffer = new char[4096];
        int read;
        while ((read = await reader.ReadAsync(buffer)) > 0)
        {
            lock (_text)
            {
                _text.Append(buffer, 0, read);
            }
        }
    }
}

/// <summary>The signals used by the tests.</summary>
public static class PosixSignal
{
    public const int Interrupt = 2;
    public const int Terminate = 15;

    /// <summary>SIGCONT, resumes after <see cref="Stop"/>; Linux's number.</summary>
    public const int Continue = 18;

    /// <summary>SIGSTOP, suspends the process and cannot be blocked.</summary>
    public const int Stop = 19;

    public static void Send(Process process, int signal)
    {
        if (Kill(process.Id, signal) != 0)
        {
            throw new InvalidOperationException($"Signal {signal} could not be sent to process {process.Id}: error {Marshal.GetLastPInvokeError()}.");
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int processId, int signal);
}
