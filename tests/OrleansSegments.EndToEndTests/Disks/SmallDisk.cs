using System.Diagnostics;
using OrleansSegments.CrashTests.Files;

namespace OrleansSegments.EndToEndTests.Disks;

/// <summary>A file system in memory that is soon full, with a file in it that can be given up.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TemporaryFolder _mountPoint = new();

    private SmallDisk()
    {
    }

    /// <summary>Where a data folder can lie.</summary>
    public string Folder => _mountPoint["data"];

    private string Ballast => _mountPoint["ballast"];

    /// <summary>Mounts a disk, or skips the test and says why: only root may mount.</summary>
    public static SmallDisk MountOrSkip(int megabytes, int ballastMegabytes)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            Assert.Skip("NOT TESTED: a full disk. Mounting a small file system needs Linux and root.");
        }

        var disk = new SmallDisk();
        if (Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", disk._mountPoint.Path) is { } problem)
        {
            disk._mountPoint.Dispose();
            Assert.Skip($"NOT TESTED: a full disk. A small file system cannot be mounted here: {problem}");
        }

        File.WriteAllBytes(disk.Ballast, new byte[ballastMegabytes * 1024 * 1024]);
        return disk;
    }

    public void FreeSpace() => File.Delete(Ballast);

    public void Dispose()
    {
        string? problem = Run("umount", _mountPoint.Path);
        if (problem is not null)
        {
            throw new InvalidOperationException($"{_mountPoint.Path} is still mounted: {problem}");
        }

        _mountPoint.Dispose();
    }

    /// <returns>Null, or what the program said.</returns>
    private static string? Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : $"{program} ended with {process.ExitCode}: {errors}";
    }
}
