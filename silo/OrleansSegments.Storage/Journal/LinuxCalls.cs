using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OrleansSegments.Storage.Journal;

/// <summary>
/// The calls on files that the base library does not offer. Elsewhere than on Linux the journal does with what it has: a sync of
/// more than the data, files that grow as they are written.
/// </summary>
internal static class LinuxCalls
{
    private const int OpenDirectory = 0x10000;
    private const int PopulateRead = 22;
    private const int BackgroundNice = 10;

    /// <summary>Makes the bytes of a file durable, and of its description only what reading them needs.</summary>
    /// <exception cref="IOException">They may or may not be on the disk.</exception>
    public static void SyncData(SafeFileHandle file, string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.FlushToDisk(file);
        }
        else if (fdatasync(file) != 0)
        {
            throw Failure(path, "synced");
        }
    }

    /// <summary>Makes the names in a folder durable.</summary>
    /// <exception cref="IOException">They may or may not be on the disk.</exception>
    public static void SyncFolder(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var folder = open(path, OpenDirectory);
        if (folder < 0)
        {
            throw Failure(path, "opened");
        }

        try
        {
            if (fsync(folder) != 0)
            {
                throw Failure(path, "synced");
            }
        }
        finally
        {
            _ = close(folder);
        }
    }

    /// <summary>Sets room aside for bytes to be written; false when there is none, or no way to.</summary>
    public static bool TryAllocate(SafeFileHandle file, long offset, long bytes) =>
        OperatingSystem.IsLinux() && fallocate(file, 0, offset, bytes) == 0;

    /// <summary>Brings mapped bytes into memory; false when they cannot be read, or the kernel is older than 5.14.</summary>
    public static bool TryFetch(SafeMemoryMappedViewHandle view, long bytes) =>
        OperatingSystem.IsLinux() && madvise(view, (nuint)bytes, PopulateRead) == 0;

    /// <summary>Lets all other threads go before the calling one; for good.</summary>
    public static void StandBack()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = setpriority(0, 0, BackgroundNice);
        }
    }

    private static IOException Failure(string path, string action)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{path} cannot be {action}: {new Win32Exception(error).Message}", error);
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int fdatasync(SafeFileHandle file);

    [DllImport("libc", SetLastError = true)]
    private static extern int fallocate(SafeFileHandle file, int mode, long offset, long bytes);

    [DllImport("libc", SetLastError = true)]
    private static extern int madvise(SafeMemoryMappedViewHandle view, nuint bytes, int advice);

    [DllImport("libc", SetLastError = true)]
    private static extern int fsync(int file);

    [DllImport("libc", SetLastError = true)]
    private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc")]
    private static extern int close(int file);

    [DllImport("libc")]
    private static extern int setpriority(int which, int who, int nice);
}
