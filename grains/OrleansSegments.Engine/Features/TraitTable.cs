using System.Buffers.Binary;

namespace OrleansSegments.Engine.Features;

/// <summary>
/// The traits of one customer during an update: references into the old state and the facts, sorted by name. The newest value of a trait
/// wins, at equal times the larger bytes; beyond the limit the names that sort last are dropped permanently. So the result depends only on
/// the set of events. Stored per trait: time (6 bytes), name length 1, value length 2, name, value (raw JSON).
/// </summary>
internal ref struct TraitTable(ReadOnlySpan<byte> state, ReadOnlySpan<byte> facts, Span<TraitTable.Row> rows)
{
    public const int TraitsMax = 48;

    private const int TimeBytes = 6;
    private const int RowHeaderBytes = TimeBytes + FactsFormat.TraitHeaderBytes;

    private readonly ReadOnlySpan<byte> _state = state;
    private readonly ReadOnlySpan<byte> _facts = facts;
    private readonly Span<Row> _rows = rows;

    public int Count { get; private set; }

    public void Load(int count)
    {
        var at = 0;
        for (var i = 0; i < count; i++)
        {
            var (time, name, value) = RowAt(_state, at);
            _rows[Count++] = new Row(time, name, value, FromFacts: false);
            at = value.End.Value;
        }
    }

    public void Set(long time, Range name, Range value)
    {
        var row = new Row(time, name, value, FromFacts: true);
        var at = 0;
        for (; at < Count; at++)
        {
            var order = Name(_rows[at]).SequenceCompareTo(Name(row));
            if (order == 0)
            {
                if (IsNewer(row, _rows[at]))
                {
                    _rows[at] = row;
                }

                return;
            }

            if (order > 0)
            {
                break;
            }
        }

        if (at == TraitsMax)
        {
            return;
        }

        var kept = Math.Min(Count, TraitsMax - 1);
        _rows[at..kept].CopyTo(_rows[(at + 1)..]);
        _rows[at] = row;
        Count = kept + 1;
    }

    /// <summary>Takes the traits of another state in, which the second span of the constructor holds.</summary>
    public void Unite(int count)
    {
        var at = 0;
        for (var i = 0; i < count; i++)
        {
            var (time, name, value) = RowAt(_facts, at);
            Set(time, name, value);
            at = value.End.Value;
        }
    }

    /// <summary>Takes out the traits that are the same in another state: name, time and value.</summary>
    public void Remove(ReadOnlySpan<byte> other, int count)
    {
        var at = 0;
        for (var i = 0; i < count; i++)
        {
            var (time, name, value) = RowAt(other, at);
            at = value.End.Value;
            for (var row = 0; row < Count; row++)
            {
                if (_rows[row].Time == time && Name(_rows[row]).SequenceEqual(other[name]) && Value(_rows[row]).SequenceEqual(other[value]))
                {
                    _rows[(row + 1)..Count].CopyTo(_rows[row..]);
                    Count--;
                    break;
                }
            }
        }
    }

    public readonly int ByteCount()
    {
        var bytes = 0;
        foreach (var row in _rows[..Count])
        {
            bytes += RowHeaderBytes + Name(row).Length + Value(row).Length;
        }

        return bytes;
    }

    public readonly void Write(Span<byte> target)
    {
        foreach (var row in _rows[..Count])
        {
            var name = Name(row);
            var value = Value(row);
            BinaryPrimitives.WriteUInt32LittleEndian(target, (uint)row.Time);
            BinaryPrimitives.WriteUInt16LittleEndian(target[4..], (ushort)(row.Time >> 32));
            target[TimeBytes] = (byte)name.Length;
            BinaryPrimitives.WriteUInt16LittleEndian(target[(TimeBytes + 1)..], (ushort)value.Length);
            name.CopyTo(target[RowHeaderBytes..]);
            value.CopyTo(target[(RowHeaderBytes + name.Length)..]);
            target = target[(RowHeaderBytes + name.Length + value.Length)..];
        }
    }

    /// <summary>One stored trait: its time, and the ranges of its name and value.</summary>
    public static (long Time, Range Name, Range Value) RowAt(ReadOnlySpan<byte> traits, int at)
    {
        var row = traits[at..];
        var time = BinaryPrimitives.ReadUInt32LittleEndian(row) | (long)BinaryPrimitives.ReadUInt16LittleEndian(row[4..]) << 32;
        var name = at + RowHeaderBytes;
        var value = name + row[TimeBytes];
        return (time, name..value, value..(value + BinaryPrimitives.ReadUInt16LittleEndian(row[(TimeBytes + 1)..])));
    }

    private readonly bool IsNewer(in Row row, in Row than) =>
        row.Time != than.Time ? row.Time > than.Time : Value(row).SequenceCompareTo(Value(than)) > 0;

    private readonly ReadOnlySpan<byte> Name(in Row row) => (row.FromFacts ? _facts : _state)[row.NameRange];

    private readonly ReadOnlySpan<byte> Value(in Row row) => (row.FromFacts ? _facts : _state)[row.ValueRange];

    internal readonly record struct Row(long Time, Range NameRange, Range ValueRange, bool FromFacts);
}

/// <summary>Writes stored traits as a JSON object; names and values are already raw JSON.</summary>
internal static class TraitJson
{
    public static byte[] Write(ReadOnlySpan<byte> state)
    {
        var format = new StateFormat(state);
        var json = new byte[format.Traits.Length + 2];
        var length = 1;
        json[0] = (byte)'{';
        for (int i = 0, at = 0; i < format.TraitCount; i++)
        {
            var (_, name, value) = TraitTable.RowAt(format.Traits, at);
            at = value.End.Value;
            if (format.Traits[value].SequenceEqual("null"u8))
            {
                continue;
            }

            Append(json, ref length, length > 1 ? ",\""u8 : "\""u8);
            Append(json, ref length, format.Traits[name]);
            Append(json, ref length, "\":"u8);
            Append(json, ref length, format.Traits[value]);
        }

        json[length++] = (byte)'}';
        return json[..length];
    }

    private static void Append(byte[] json, ref int length, ReadOnlySpan<byte> text)
    {
        text.CopyTo(json.AsSpan(length));
        length += text.Length;
    }
}
