using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OrleansSegments.CrashTests.Processes;

/// <summary>The signals that the tests send.</summary>
public static class PosixSignal
{
    public const int Interrupt = 2;
    public const int Terminate = 15;

    /// <summary>Goes on after <see cref="Stop"/>; numbers of Linux.</summary>
    public const int Continue = 18;

    /// <summary>Stands still, and cannot refuse to.</summary>
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
