using System.Diagnostics;

namespace OrleansSegments.TestKit.Disks;

/// <summary>A small in-memory file system containing a file that can be deleted to free space. Mounting it requires root.</summary>
public sealed class SmallDisk : IDisposable
{
    private const int BytesPerMegabyte = 1024 * 1024;

    private SmallDisk(string folder) => Folder = folder;

    /// <summary>The mount point.</summary>
    public string Folder { get; }

    private string Ballast => Path.Combine(Folder, "ballast");

    /// <summary>Mounts a disk; null with the reason when that is not allowed.</summary>
    public static SmallDisk? TryMount(int megabytes, out string? problem)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            problem = "NOT TESTED: a full disk. Mounting a small file system needs Linux and root.";
            return null;
        }

        var folder = Directory.CreateTempSubdirectory("disk-").FullName;
        if (Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=0755", "tmpfs", folder) is { } refusal)
        {
            Directory.Delete(folder);
            problem = $"NOT TESTED: a full disk. A small file system cannot be mounted here: {refusal}";
            return null;
        }

        problem = null;
        return new SmallDisk(folder);
    }

    /// <summary>Fills the disk except for the given space.</summary>
    public void Fill(int megabytesLeft)
    {
        var free = new DriveInfo(Folder).AvailableFreeSpace;
        using var ballast = File.Create(Ballast);
        var block = new byte[BytesPerMegabyte];
        for (var left = free - ((long)megabytesLeft * BytesPerMegabyte); left > 0; left -= block.Length)
        {
            ballast.Write(block, 0, (int)Math.Min(left, block.Length));
        }
    }

    public void FreeSpace() => File.Delete(Ballast);

    public void Dispose()
    {
        if (Run("umount", Folder) is { } problem)
        {
            throw new InvalidOperationException($"{Folder} is still mounted: {problem}");
        }

        Directory.Delete(Folder);
    }

    /// <returns>Null, or the program's error output.</returns>
    private static string? Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : $"{program} ended with {process.ExitCode}: {errors}";
    }
}
