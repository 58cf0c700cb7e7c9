using System.Buffers.Binary;
using OrleansSegments.Engine.Features;

namespace OrleansSegments.Engine.Events;

/// <summary>
/// Collects the facts of one customer's events in a batch in one opaque blob. Not thread-safe. Reuse it after <see cref="Clear"/>: reading
/// then allocates only the blob.
/// </summary>
public sealed class FactsWriter
{
    private byte[] _buffer = new byte[1024];
    private int _length = FactsFormat.HeaderBytes;
    private int _eventStart;
    private int _traits;
    private int _facts;
    private ulong _layoutHash;

    public FactsWriter()
    {
        Ignored = new IgnoredInput();
        Values = new EventValues(Ignored);
    }

    public int EventCount { get; private set; }

    /// <summary>What reading has left out since it was last drained.</summary>
    public IgnoredInput Ignored { get; }

    /// <summary>Takes note of the events that are read; null when nobody wants to know.</summary>
    public EventSurvey? Survey { get; init; }

    internal EventValues Values { get; }

    internal CanonicalJson Canonical { get; } = new();

    public byte[] ToArray()
    {
        WriteHeader();
        return _buffer.AsSpan(0, _length).ToArray();
    }

    /// <summary>The blob without a copy; valid until the next method call.</summary>
    public ReadOnlySpan<byte> AsSpan()
    {
        WriteHeader();
        return _buffer.AsSpan(0, _length);
    }

    public void Clear()
    {
        _length = FactsFormat.HeaderBytes;
        EventCount = 0;
    }

    internal void BeginEvent(ulong key, long occurredAt, ulong layoutHash)
    {
        if (EventCount > 0 && layoutHash != _layoutHash)
        {
            throw new InvalidOperationException("One blob holds the facts of one catalogue; clear the writer before using another.");
        }

        _layoutHash = layoutHash;
        _eventStart = _length;
        (_traits, _facts) = (0, 0);
        var target = Reserve(FactsFormat.EventHeaderBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(target, key);

        // Zero means "no time" in a state, so the first millisecond of 1970 is moved to the next.
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], Math.Max(1, occurredAt));
    }

    internal void AddOne(int cell)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(Reserve(2), (ushort)(cell | FactsFormat.ValueIsOne));
        _facts++;
    }

    internal void Add(int cell, double value) => AddBits(cell, BitConverter.DoubleToUInt64Bits(value), evenZero: true);

    internal void AddBits(int cell, ulong bits) => AddBits(cell, bits, evenZero: false);

    internal void AddTrait(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var target = Reserve(FactsFormat.TraitHeaderBytes + name.Length + value.Length);
        target[0] = (byte)name.Length;
        BinaryPrimitives.WriteUInt16LittleEndian(target[1..], (ushort)value.Length);
        name.CopyTo(target[FactsFormat.TraitHeaderBytes..]);
        value.CopyTo(target[(FactsFormat.TraitHeaderBytes + name.Length)..]);
        _traits++;
    }

    internal void EndEvent()
    {
        var header = _buffer.AsSpan(_eventStart);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], _length - _eventStart - FactsFormat.EventHeaderBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(header[20..], (ushort)_traits);
        BinaryPrimitives.WriteUInt16LittleEndian(header[22..], (ushort)_facts);
        EventCount++;
    }

    internal void CancelEvent() => _length = _eventStart;

    private void AddBits(int cell, ulong bits, bool evenZero)
    {
        if (bits == 0 && !evenZero)
        {
            return;
        }

        var target = Reserve(10);
        BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)cell);
        BinaryPrimitives.WriteUInt64LittleEndian(target[2..], bits);
        _facts++;
    }

    private Span<byte> Reserve(int bytes)
    {
        if (_buffer.Length - _length < bytes)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + bytes));
        }

        var target = _buffer.AsSpan(_length, bytes);
        _length += bytes;
        return target;
    }

    private void WriteHeader()
    {
        var header = _buffer.AsSpan(0, FactsFormat.HeaderBytes);
        header.Clear();
        header[0] = FactsFormat.Version;
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], EventCount);
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], _layoutHash);
    }
}
