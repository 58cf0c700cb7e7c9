using Microsoft.Win32.SafeHandles;
using OrleansSegments.Storage.Faults;

namespace OrleansSegments.Storage.Journal;

/// <summary>One file of the journal: a header and commits behind it. Written by the commit thread alone, read by anyone.</summary>
internal sealed class JournalFile(SafeFileHandle handle, string path, JournalFileHeader header, long length) : IDisposable
{
    private const long AllocatedMin = 256 * 1024;

    private static readonly byte[] NoHeader = new byte[FrameHeader.Bytes];

    private long _allocated = length;
    private long _length = length;

    public string Path { get; private set; } = path;

    public JournalFileHeader Header { get; } = header;

    public uint Number => Header.FileNumber;

    public ulong Salt => Header.Salt;

    public long FirstCommit => Header.FirstCommit;

    /// <summary>Where the next commit goes.</summary>
    public long Length
    {
        get => _length;
        private set => Volatile.Write(ref _length, value);
    }

    /// <summary>Makes an empty file, durable with its name.</summary>
    /// <exception cref="IOException">There is no such file.</exception>
    public static JournalFile Create(string path, JournalFileHeader header)
    {
        var handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            return Begin(handle, path, header, allocated: 0);
        }
        catch
        {
            handle.Dispose();
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Opens a file to be read, and to be appended to behind what is in it.</summary>
    /// <param name="isBlank">Whether nothing was ever written where the header should be.</param>
    /// <returns>Null when it has no good header.</returns>
    public static JournalFile? Open(string path, out bool isBlank)
    {
        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        var page = new byte[JournalFileHeader.Bytes];
        var bytes = RandomAccess.Read(handle, page, 0);
        isBlank = !page.AsSpan().ContainsAnyExcept((byte)0);
        if (JournalFileHeader.TryRead(page.AsSpan(0, bytes), out var header))
        {
            return new JournalFile(handle, path, header, JournalFileHeader.Bytes) { _allocated = RandomAccess.GetLength(handle) };
        }

        handle.Dispose();
        return null;
    }

    /// <summary>
    /// Uses the file again under another name; what was in it is void. Its blocks are there already, which makes a sync cheap. On failure
    /// it is still of no use to anyone and may be tried again.
    /// </summary>
    public JournalFile BeginAgain(string path, JournalFileHeader header)
    {
        File.Move(Path, path);
        Path = path;
        return Begin(handle, path, header, _allocated);
    }

    /// <summary>The next commit goes there: all before it was found good.</summary>
    public void ContinueAt(long offset) => Length = offset;

    /// <summary>Appends a commit and syncs it. On failure nothing of it counts.</summary>
    /// <exception cref="JournalSyncException">The disk failed when it was told to sync: what is in the file from here on is not known.</exception>
    /// <exception cref="IOException">The commit could not be written.</exception>
    public void Append(ReadOnlySpan<byte> frame, long allocateMax, FaultPoint fault)
    {
        try
        {
            Allocate(Length + frame.Length, allocateMax);
            RandomAccess.Write(handle, frame, Length);
            fault(StoreStep.CommitWritten);
            Sync();
        }
        catch
        {
            Void();
            throw;
        }

        Length += frame.Length;
    }

    /// <summary>A view of what is in the file now; null where that cannot be had.</summary>
    public JournalFileView? TryView() => JournalFileView.TryOpen(handle, Volatile.Read(ref _length));

    public int Read(Span<byte> into, long offset) => RandomAccess.Read(handle, into, offset);

    public void Delete()
    {
        Dispose();
        File.Delete(Path);
    }

    public void Dispose() => handle.Dispose();

    private static JournalFile Begin(SafeFileHandle handle, string path, JournalFileHeader header, long allocated)
    {
        LinuxCalls.SyncFolder(System.IO.Path.GetDirectoryName(path)!);
        var page = new byte[JournalFileHeader.Bytes];
        header.Write(page);
        RandomAccess.Write(handle, page, 0);
        LinuxCalls.SyncData(handle, path);
        return new JournalFile(handle, path, header, JournalFileHeader.Bytes) { _allocated = Math.Max(allocated, JournalFileHeader.Bytes) };
    }

    // Bytes of a file that already has blocks for them are synced without a word to the file system's own journal.
    private void Allocate(long bytes, long allocateMax)
    {
        if (bytes > _allocated)
        {
            var wanted = Math.Max(bytes, Math.Min(Math.Max(_allocated * 2, AllocatedMin), allocateMax));

            // Without room set aside the commit is written all the same, if it fits.
            _allocated = LinuxCalls.TryAllocate(handle, 0, wanted) ? wanted : bytes;
        }
    }

    private void Sync()
    {
        try
        {
            LinuxCalls.SyncData(handle, Path);
        }
        catch (IOException failure)
        {
            throw new JournalSyncException(failure);
        }
    }

    // The callers are told that it failed, so a start must not find it. When this fails too the outcome is unknown, as it says.
    private void Void()
    {
        try
        {
            RandomAccess.Write(handle, NoHeader, Length);
        }
        catch (IOException)
        {
        }
    }
}
