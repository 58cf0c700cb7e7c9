using System.Buffers;

namespace OrleansSegments.Tools.Imports;

/// <summary>
/// The lines of a file as bytes, without the line feed and a carriage return before it, without copying a line.
/// A line longer than the limit is reported as such and its bytes are dropped, so memory is at most four times the limit.
/// </summary>
internal sealed class Utf8LineReader(ImportSource source, int lineBytesMax) : IDisposable
{
    private const int BufferBytesMin = 1 << 16;
    private static readonly byte[] ByteOrderMark = [0xef, 0xbb, 0xbf];

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferBytesMin);
    private int _start;
    private int _end;
    private int _lineStart;
    private int _lineLength;

    /// <summary>Counted from 1.</summary>
    public long Number { get; private set; }

    public bool IsTooLong { get; private set; }

    /// <summary>Valid until the next call of <see cref="MoveNext"/>; empty when the line is too long.</summary>
    public ReadOnlySpan<byte> Current => _buffer.AsSpan(_lineStart, _lineLength);

    public bool MoveNext()
    {
        IsTooLong = false;
        var scanned = 0;
        while (true)
        {
            var feed = _buffer.AsSpan(_start + scanned, _end - _start - scanned).IndexOf((byte)'\n');
            if (feed >= 0)
            {
                Take(scanned + feed, 1);
                return true;
            }

            scanned = _end - _start;
            // One byte more than the limit is allowed for a carriage return that does not count.
            if (scanned > lineBytesMax + 1)
            {
                IsTooLong = true;
                _start = _end = scanned = 0;
            }

            if (Fill())
                continue;
            if (scanned == 0 && !IsTooLong)
                return false;

            Take(scanned, 0);
            return true;
        }
    }

    public void Dispose()
    {
        if (_buffer.Length == 0)
            return;

        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private void Take(int length, int terminator)
    {
        Number++;
        _lineStart = _start;
        _lineLength = length;
        _start += length + terminator;
        if (Number == 1 && Current.StartsWith(ByteOrderMark))
        {
            _lineStart += ByteOrderMark.Length;
            _lineLength -= ByteOrderMark.Length;
        }

        if (Current.EndsWith("\r"u8))
            _lineLength--;

        IsTooLong |= _lineLength > lineBytesMax;
        if (IsTooLong)
            _lineLength = 0;
    }

    private bool Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_buffer.Length - _end < GzipContent.ReadBytesMin)
        {
            var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            _buffer.CopyTo(larger, 0);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        var read = source.Read(_buffer.AsSpan(_end));
        _end += read;
        return read > 0;
    }
}
