using System.Buffers.Binary;

namespace OrleansSegments.Engine.Features;

/// <summary>
/// The traits of one customer during an update: references into the old state and the facts, sorted by name. First the facts are set, then
/// the old state is loaded. The newest value of a trait wins; at equal times the later one of a batch, and between batches the larger bytes.
/// Beyond the limit the traits that were set longest ago are dropped and counted. So the result depends only on the set of batches. Stored
/// per trait: time (6 bytes), name length 1, value length 2, name, value (both in the spelling of <see cref="CanonicalJson"/>).
/// </summary>
internal ref struct TraitTable(ReadOnlySpan<byte> state, ReadOnlySpan<byte> facts, Span<TraitTable.Row> rows)
{
    public const int TraitsMax = 300;
    public const int NameBytesMax = byte.MaxValue;
    public const int ValueBytesMax = 8192;

    /// <summary>All stored traits of a customer together.</summary>
    public const int TotalBytesMax = 65_536;

    private const int TimeBytes = 6;
    private const int RowHeaderBytes = TimeBytes + FactsFormat.TraitHeaderBytes;

    private readonly ReadOnlySpan<byte> _state = state;
    private readonly ReadOnlySpan<byte> _facts = facts;
    private readonly Span<Row> _rows = rows;

    public int Count { get; private set; }

    /// <summary>How often a trait did not fit.</summary>
    public int Dropped { get; private set; }

    /// <summary>Adds the old state's traits, then drops the oldest until the rest fits.</summary>
    public void Load(int count)
    {
        var at = 0;
        for (var i = 0; i < count; i++)
        {
            var (time, name, value) = RowAt(_state, at);
            Set(new Row(time, name, value, FromFacts: false));
            at = value.End.Value;
        }

        for (var bytes = ByteCount(); bytes > TotalBytesMax; bytes = ByteCount())
        {
            RemoveAt(Oldest());
            Dropped++;
        }
    }

    public void Set(long time, Range name, Range value) => Set(new Row(time, name, value, FromFacts: true));

    public readonly long TimeAt(int index) => _rows[index].Time;

    public readonly ReadOnlySpan<byte> NameAt(int index) => Name(_rows[index]);

    public readonly ReadOnlySpan<byte> ValueAt(int index) => Value(_rows[index]);

    private void Set(in Row row)
    {
        var at = Find(Name(row));
        if (at < Count && Name(_rows[at]).SequenceEqual(Name(row)))
        {
            if (IsNewer(row, _rows[at]))
            {
                _rows[at] = row;
            }

            return;
        }

        if (Count == TraitsMax)
        {
            Dropped++;
            var oldest = Oldest();
            if (IsOlder(row, _rows[oldest]))
            {
                return;
            }

            RemoveAt(oldest);
            at -= oldest < at ? 1 : 0;
        }

        _rows[at..Count].CopyTo(_rows[(at + 1)..]);
        _rows[at] = row;
        Count++;
    }

    /// <summary>Index of the first row that does not sort before the name.</summary>
    private readonly int Find(ReadOnlySpan<byte> name)
    {
        var (low, high) = (0, Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = Name(_rows[middle]).SequenceCompareTo(name) < 0 ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private readonly int Oldest()
    {
        var oldest = 0;
        for (var i = 1; i < Count; i++)
        {
            oldest = IsOlder(_rows[i], _rows[oldest]) ? i : oldest;
        }

        return oldest;
    }

    private void RemoveAt(int index)
    {
        _rows[(index + 1)..Count].CopyTo(_rows[index..]);
        Count--;
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
        row.Time != than.Time ? row.Time > than.Time
            : (row.FromFacts && than.FromFacts) || Value(row).SequenceCompareTo(Value(than)) > 0;

    /// <summary>Which of two traits is dropped first; of equal times the one whose name sorts last.</summary>
    private readonly bool IsOlder(in Row row, in Row than) =>
        row.Time != than.Time ? row.Time < than.Time : Name(row).SequenceCompareTo(Name(than)) > 0;

    private readonly ReadOnlySpan<byte> Name(in Row row) => (row.FromFacts ? _facts : _state)[row.NameRange];

    private readonly ReadOnlySpan<byte> Value(in Row row) => (row.FromFacts ? _facts : _state)[row.ValueRange];

    internal readonly record struct Row(long Time, Range NameRange, Range ValueRange, bool FromFacts);
}

/// <summary>Writes stored traits as a JSON object; names and values are stored as JSON.</summary>
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
