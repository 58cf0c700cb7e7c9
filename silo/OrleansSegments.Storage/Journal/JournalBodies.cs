using System.Buffers;
using System.Collections.Concurrent;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Unmerged;

namespace OrleansSegments.Storage.Journal;

/// <summary>
/// Reads records' bodies from the journal's files, on any thread. A file may be used again or go as soon as no view of what is unmerged
/// leads to it; whoever still holds an older view then reads what is not there, and the checksum says so.
/// </summary>
internal sealed class JournalBodies
{
    private readonly ConcurrentDictionary<uint, JournalFile> _files = new();

    public void Add(JournalFile file) => _files[file.Number] = file;

    public void Remove(JournalFile file) => _files.TryRemove(file.Number, out _);

    /// <summary>Reads a body into a buffer of its length. False when it is not there: look at a newer view, else the journal is damaged.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public bool TryRead(BodyLocation location, Span<byte> body)
    {
        if (!_files.TryGetValue(location.FileNumber, out var file))
        {
            return false;
        }

        try
        {
            return file.Read(body, location.Offset) == body.Length && Checksum.Of(body) == location.Checksum;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>A view of one file, or null; the caller ends it before the file may go.</summary>
    public JournalFileView? TryView(uint fileNumber) => _files.TryGetValue(fileNumber, out var file) ? file.TryView() : null;

    public CustomerRecord? TryRead(ref readonly UnmergedCustomer customer)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(customer.Body.Bytes);
        try
        {
            var body = buffer.AsSpan(0, customer.Body.Bytes);
            return TryRead(customer.Body, body) ? new RecordBody(body).Of(in customer) : null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
