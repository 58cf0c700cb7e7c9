using System.IO.Compression;

namespace OrleansSegments.Tools.Imports;

/// <summary>
/// Unpacks gzip and notices when it was cut short. <see cref="GZipStream"/> takes the end of its input for the end of the data
/// wherever it comes (the switch that changes this is read once per process, too early to rely on), so a last gzip member with a
/// known content is put behind the file: only when everything before it unpacks whole does the output end with that content.
/// Anything but gzip behind the last member counts as damage, too.
/// </summary>
internal sealed class GzipContent : ForwardStream
{
    /// <summary>The smallest buffer that <see cref="Read(Span{byte})"/> can work with.</summary>
    public const int ReadBytesMin = 4096;

    // Repetitive, so that it is never stored verbatim: a truncated stored block could copy it to the output.
    private static readonly byte[] Ending = [.. Enumerable.Repeat("end "u8.ToArray(), 16).SelectMany(word => word)];

    private readonly GZipStream _unpacked;
    private readonly byte[] _held = new byte[Ending.Length];
    private int _heldLength;

    public GzipContent(Stream packedWithClosingMember)
    {
        _unpacked = new GZipStream(packedWithClosingMember, CompressionMode.Decompress);
    }

    public static ReadOnlyMemory<byte> ClosingMember { get; } = PackEnding();

    /// <returns>0 at the end.</returns>
    /// <exception cref="InvalidDataException">The data is corrupt or truncated.</exception>
    public override int Read(Span<byte> buffer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(buffer.Length, ReadBytesMin);
        while (true)
        {
            _held.AsSpan(0, _heldLength).CopyTo(buffer);
            var read = _unpacked.Read(buffer[_heldLength..]);
            if (read == 0)
            {
                return _held.AsSpan(0, _heldLength).SequenceEqual(Ending)
                    ? 0
                    : throw new InvalidDataException("the data ends before it is complete");
            }

            var total = _heldLength + read;
            _heldLength = Math.Min(total, _held.Length);
            buffer[(total - _heldLength)..total].CopyTo(_held);
            if (total > _heldLength)
                return total - _heldLength;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _unpacked.Dispose();
        base.Dispose(disposing);
    }

    private static byte[] PackEnding()
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
            gzip.Write(Ending);

        return packed.ToArray();
    }
}

/// <summary>
/// The bytes that were already taken from a stream, the rest of it, then a closing piece; forward only, so that a pipe will do.
/// Counts what came of the first two.
/// </summary>
internal sealed class ChainedStream(ReadOnlyMemory<byte> first, Stream rest, ReadOnlyMemory<byte> last) : ForwardStream
{
    private ReadOnlyMemory<byte> _first = first;
    private ReadOnlyMemory<byte> _last = last;

    public long BytesRead { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        var taken = _first.IsEmpty ? rest.Read(buffer) : Take(ref _first, buffer);
        BytesRead += taken;
        return taken > 0 ? taken : Take(ref _last, buffer);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            rest.Dispose();
        base.Dispose(disposing);
    }

    private static int Take(ref ReadOnlyMemory<byte> piece, Span<byte> buffer)
    {
        var taken = Math.Min(buffer.Length, piece.Length);
        piece.Span[..taken].CopyTo(buffer);
        piece = piece[taken..];
        return taken;
    }
}

/// <summary>A stream that can only be read to its end.</summary>
internal abstract class ForwardStream : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public abstract override int Read(Span<byte> buffer);

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
