using System.Runtime.InteropServices;

namespace OrleansSegments.Storage.Embedded;

/// <summary>
/// Syncs a folder, because after a power cut a synced file is lost when its directory entry is not durable. .NET cannot open folders.
/// </summary>
internal static partial class FolderSync
{
    private const int ReadOnly = 0;

    /// <exception cref="IOException">Thrown when the folder cannot be synced.</exception>
    public static void Sync(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            // NTFS journals directory entries itself and has no such call.
            return;
        }

        int handle = Open(folder, ReadOnly);
        int outcome = handle < 0 ? handle : Sync(handle);
        int error = Marshal.GetLastPInvokeError();
        if (handle >= 0)
        {
            _ = Close(handle);
        }

        if (outcome < 0)
        {
            throw new IOException($"{folder} cannot be synced: {Marshal.GetPInvokeErrorMessage(error)}.");
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);
}
