using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Versions;

namespace OrleansSegments.Storage.Journal;

/// <summary>Told of every commit that is found, oldest first.</summary>
internal delegate void CommitFound(CommittedPlace commit, CommitContent content);

/// <summary>
/// Reads the commits of journal files. Bodies are left where they are: only those of the very last commit are read, since it may not have
/// been written to the end when the process or the power went. Any earlier commit was durable before the next one began, so what is wrong
/// with one is damage and never the end.
/// </summary>
internal sealed class JournalReplay(IdHash hash, CommitFound found)
{
    private const int ScannedBytes = 1 << 20;

    private readonly ContentReader _contents = new(hash);
    private byte[] _next = new byte[FrameHeader.Alignment];
    private byte[] _held = [];
    private (FrameHeader Header, JournalFile File)? _holding;
    private long _expected;

    /// <summary>Hands out the commits after a number; the files must follow each other, the last one is where commits go on.</summary>
    /// <returns>The number of the last commit.</returns>
    /// <exception cref="InvalidDataException">A commit that was durable is missing or damaged.</exception>
    public long Read(IReadOnlyList<JournalFile> files, long afterCommit)
    {
        _expected = files[0].FirstCommit;
        for (var index = 0; index < files.Count; index++)
        {
            var isLast = index == files.Count - 1;
            var until = isLast ? long.MaxValue : files[index + 1].FirstCommit;
            ReadFile(files[index], until, afterCommit);
            if (!isLast && _expected != until)
            {
                throw new InvalidDataException($"commits {_expected} to {until - 1} are missing behind {files[index].Path}, or have a wrong checksum");
            }
        }

        ThrowIfMoreFollows(files[^1]);
        ReleaseLast(files[^1], afterCommit);
        return _expected - 1;
    }

    private void ReadFile(JournalFile file, long untilCommit, long afterCommit)
    {
        var offset = (long)JournalFileHeader.Bytes;
        var bytes = ReadAt(file, offset, FrameHeader.Bytes, ref _next);
        var start = 0;
        while (_expected < untilCommit
            && FrameHeader.TryRead(_next.AsSpan(start, bytes - start), file.Salt, out var header)
            && header.CommitNumber == _expected)
        {
            // One read fetches the content, the zeros behind it and the next header.
            var contentAt = offset + header.ContentOffset;
            offset += header.FrameBytes;
            var wanted = (int)(offset - contentAt) + FrameHeader.Bytes;
            bytes = ReadAt(file, contentAt, wanted, ref _next);
            if (bytes < header.ContentBytes || Checksum.Of(_next.AsSpan(0, header.ContentBytes)) != header.ContentChecksum)
            {
                return;
            }

            // The one before is followed by this one and so was durable.
            Release(afterCommit);
            file.ContinueAt(offset);
            _holding = (header, file);
            _expected++;
            start = wanted - FrameHeader.Bytes;
            (_held, _next) = (_next, Grown(_held, FrameHeader.Bytes));
            _held.AsSpan(Math.Min(start, bytes), Math.Max(0, bytes - start)).CopyTo(_next);
            bytes = Math.Max(0, bytes - start);
            start = 0;
        }
    }

    private void Release(long afterCommit)
    {
        if (_holding is not { } held)
        {
            return;
        }

        _holding = null;
        if (held.Header.CommitNumber > afterCommit)
        {
            var content = _contents.Read(_held.AsSpan(0, held.Header.ContentBytes), held.File.Number);
            found(new CommittedPlace(held.Header.CommitNumber, held.Header.FrameBytes), content);
        }
    }

    private void ReleaseLast(JournalFile last, long afterCommit)
    {
        if (_holding is not { } held)
        {
            return;
        }

        // A file is begun only behind a durable commit.
        if (ReferenceEquals(held.File, last) && !HasAllBodies(held.Header, held.File))
        {
            last.ContinueAt(last.Length - held.Header.FrameBytes);
            _expected--;
            return;
        }

        Release(afterCommit);
    }

    private bool HasAllBodies(FrameHeader header, JournalFile file)
    {
        var content = _contents.Read(_held.AsSpan(0, header.ContentBytes), file.Number);
        var body = Array.Empty<byte>();
        foreach (ref readonly var customer in content.Customers)
        {
            if (customer.HasBody)
            {
                var bytes = ReadAt(file, customer.Body.Offset, customer.Body.Bytes, ref body);
                if (bytes < customer.Body.Bytes || Checksum.Of(body.AsSpan(0, bytes)) != customer.Body.Checksum)
                {
                    return false;
                }
            }
        }

        return true;
    }

    private void ThrowIfMoreFollows(JournalFile last)
    {
        var block = new byte[ScannedBytes];
        var offset = last.Length;
        for (int bytes; (bytes = last.Read(block, offset)) > 0; offset += bytes)
        {
            for (var start = 0; start < bytes; start += FrameHeader.Alignment)
            {
                if (FrameHeader.TryRead(block.AsSpan(start, bytes - start), last.Salt, out var header) && header.CommitNumber > _expected)
                {
                    throw new InvalidDataException(
                        $"commits {_expected} to {header.CommitNumber - 1} are missing in {last.Path} at byte {last.Length}, or have a wrong checksum");
                }
            }
        }
    }

    private static int ReadAt(JournalFile file, long offset, int bytes, ref byte[] into)
    {
        into = Grown(into, bytes);
        var read = 0;
        for (int more; read < bytes && (more = file.Read(into.AsSpan(read, bytes - read), offset + read)) > 0;)
        {
            read += more;
        }

        return read;
    }

    private static byte[] Grown(byte[] buffer, int bytes) => buffer.Length >= bytes ? buffer : new byte[Math.Max(bytes, buffer.Length * 2)];
}
