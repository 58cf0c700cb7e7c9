using System.Buffers.Binary;

namespace OrleansSegments.Engine.Features;

/// <summary>Iterates over the events of a facts blob.</summary>
internal ref struct FactsCursor(ReadOnlySpan<byte> blob)
{
    private readonly ReadOnlySpan<byte> _blob = blob;
    private int _at = FactsFormat.HeaderBytes;
    private int _next = FactsFormat.HeaderBytes;

    public ulong Key { get; private set; }

    public long OccurredAt { get; private set; }

    public int TraitCount { get; private set; }

    public int FactCount { get; private set; }

    public static int EventCount(ReadOnlySpan<byte> blob) => blob.IsEmpty ? 0 : BinaryPrimitives.ReadInt32LittleEndian(blob[4..]);

    public static bool CanRead(ReadOnlySpan<byte> blob, ulong layoutHash) =>
        blob.IsEmpty
        || (blob.Length >= FactsFormat.HeaderBytes && blob[0] == FactsFormat.Version
            && (EventCount(blob) == 0 || BinaryPrimitives.ReadUInt64LittleEndian(blob[8..]) == layoutHash));

    public bool MoveNext()
    {
        if (_next >= _blob.Length)
        {
            return false;
        }

        var header = _blob[_next..];
        Key = BinaryPrimitives.ReadUInt64LittleEndian(header);
        OccurredAt = BinaryPrimitives.ReadInt64LittleEndian(header[8..]);
        TraitCount = BinaryPrimitives.ReadUInt16LittleEndian(header[20..]);
        FactCount = BinaryPrimitives.ReadUInt16LittleEndian(header[22..]);
        _at = _next + FactsFormat.EventHeaderBytes;
        _next = _at + BinaryPrimitives.ReadInt32LittleEndian(header[16..]);
        return true;
    }

    /// <summary>Call it <see cref="TraitCount"/> times before the first fact. Name and value are ranges of the blob.</summary>
    public (Range Name, Range Value) ReadTrait()
    {
        var name = _at + FactsFormat.TraitHeaderBytes;
        var value = name + _blob[_at];
        _at = value + BinaryPrimitives.ReadUInt16LittleEndian(_blob[(name - 2)..]);
        return (name..value, value.._at);
    }

    public void SkipTraits()
    {
        for (var i = 0; i < TraitCount; i++)
        {
            ReadTrait();
        }
    }

    /// <summary>The bits of the value, which is 1 for a plain count.</summary>
    public (int Cell, ulong Bits) ReadFact()
    {
        var cell = BinaryPrimitives.ReadUInt16LittleEndian(_blob[_at..]);
        if ((cell & FactsFormat.ValueIsOne) != 0)
        {
            _at += 2;
            return (cell & ~FactsFormat.ValueIsOne, BitConverter.DoubleToUInt64Bits(1));
        }

        var bits = BinaryPrimitives.ReadUInt64LittleEndian(_blob[(_at + 2)..]);
        _at += 10;
        return (cell, bits);
    }
}

/// <summary>
/// Layout of a facts blob, little-endian: version (1 byte, 3 unused), events (4), layout hash (8); then per event: message key (8), time
/// (8), number of following bytes (4), traits (2), facts (2), the traits (name length 1, value length 2, name, value), the facts (cell 2;
/// then 8 bytes of value, unless a flag in the cell says that it is 1).
/// </summary>
internal static class FactsFormat
{
    public const byte Version = 1;
    public const int HeaderBytes = 16;
    public const int EventHeaderBytes = 24;
    public const int ValueIsOne = 0x8000;
    public const int TraitHeaderBytes = 3;
}
