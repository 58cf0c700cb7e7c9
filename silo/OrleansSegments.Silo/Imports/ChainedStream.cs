namespace OrleansSegments.Silo.Imports;

/// <summary>
/// The bytes that were already taken from a stream, the rest of it, then a closing piece; forward only, so that a pipe will do.
/// Counts what came of the first two.
/// </summary>
internal sealed class ChainedStream(ReadOnlyMemory<byte> first, Stream rest, ReadOnlyMemory<byte> last) : Stream
{
    private ReadOnlyMemory<byte> _first = first;
    private ReadOnlyMemory<byte> _last = last;

    public long BytesRead { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => BytesRead;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        var taken = _first.IsEmpty ? rest.Read(buffer) : Take(ref _first, buffer);
        BytesRead += taken;
        return taken > 0 ? taken : Take(ref _last, buffer);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

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
