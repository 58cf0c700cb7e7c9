using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace OrleansSegments.Storage.Journal;

/// <summary>
/// A journal file mapped into memory for as long as a merge reads it: 0.2 microseconds a body where a call to read takes 1. All of it is
/// fetched when it is mapped, so that a disk that cannot read it says so then and not by ending the process later.
/// </summary>
internal sealed unsafe class JournalFileView : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private readonly long _bytes;

    private JournalFileView(MemoryMappedFile file, MemoryMappedViewAccessor view, long bytes)
    {
        _file = file;
        _view = view;
        _bytes = bytes;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        _start += view.PointerOffset;
    }

    /// <summary>Null where a file cannot be mapped and fetched; it is then read by calls.</summary>
    public static JournalFileView? TryOpen(SafeFileHandle handle, long bytes)
    {
        MemoryMappedFile? file = null;
        MemoryMappedViewAccessor? view = null;
        try
        {
            file = MemoryMappedFile.CreateFromFile(handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
            view = file.CreateViewAccessor(0, bytes, MemoryMappedFileAccess.Read);
            if (LinuxCalls.TryFetch(view.SafeMemoryMappedViewHandle, bytes))
            {
                return new JournalFileView(file, view, bytes);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The calls will say what is wrong with it.
        }

        view?.Dispose();
        file?.Dispose();
        return null;
    }

    /// <summary>Bytes of the file; empty beyond what was mapped.</summary>
    public ReadOnlySpan<byte> At(long offset, int bytes) =>
        offset + bytes <= _bytes ? new ReadOnlySpan<byte>(_start + offset, bytes) : [];

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
