using System.Text.Json;

namespace OrleansSegments.Engine.Features;

/// <summary>
/// Reusable buffer for one event's values, so that reading allocates nothing: per slot a linked list in document order. Of a name that an
/// object has twice, the last one counts, at every level.
/// </summary>
internal sealed class EventValues(IgnoredInput ignored)
{
    public const int ItemsMax = 1000;
    public const int ValuesMax = 8192;

    /// <summary>The item of values that are in no array.</summary>
    private const int NoItem = -1;

    private int[] _heads = new int[64];
    private int[] _tails = new int[64];
    private bool[] _withdrawn = new bool[64];
    private int[] _lastVisits = new int[64];
    private PathValue[] _values = new PathValue[64];
    private byte[] _text = new byte[1024];
    private int _count;
    private int _textLength;
    private int _visit;

    /// <summary>When the event happened, Unix milliseconds.</summary>
    public long OccurredAt { get; private set; }

    /// <summary>Factor from the event's currency to the base currency; NaN when it is unknown, null when it was not yet looked up.</summary>
    public double? Rate { get; set; }

    /// <summary>Where the event may name its currency.</summary>
    public int[] CurrencySlots { get; private set; } = [];

    public IgnoredInput Ignored { get; } = ignored;

    /// <param name="slots">Number of slots that the paths use.</param>
    /// <param name="nodes">Number of nodes of the tries.</param>
    public void Begin(int slots, int nodes, int[] currencySlots, long occurredAt)
    {
        if (_heads.Length < slots)
        {
            _heads = new int[slots];
            _tails = new int[slots];
            _withdrawn = new bool[slots];
        }

        if (_lastVisits.Length < nodes)
        {
            _lastVisits = new int[nodes];
        }

        // Visits are numbered per event.
        Array.Clear(_lastVisits);
        _heads.AsSpan(0, slots).Fill(-1);
        _withdrawn.AsSpan(0, slots).Clear();
        (_count, _textLength, _visit) = (0, 0, 0);
        (OccurredAt, Rate, CurrencySlots) = (occurredAt, null, currencySlots);
    }

    public int Head(int slot) => _heads[slot];

    /// <summary>True when null was said at the path or above it, and nothing after it.</summary>
    public bool IsWithdrawn(int slot) => _withdrawn[slot];

    public ref readonly PathValue At(int index) => ref _values[index];

    public ReadOnlySpan<byte> TextOf(in PathValue value) => _text.AsSpan(value.TextStart, value.TextLength);

    /// <summary>The number of a value; its text is parsed on first use.</summary>
    /// <param name="currency">The currency that the text names, or none.</param>
    public bool TryNumber(int index, out double number, out int currency)
    {
        ref var value = ref _values[index];
        if (value.Kind == ValueKind.Text)
        {
            value.Kind = Parse(ref value);
        }

        (number, currency) = (value.Number, value.Currency);
        return value.Kind == ValueKind.Number;
    }

    /// <summary>Counts a value that a rule cannot use; once per value, however many rules ask for it.</summary>
    public void Ignore(int index, IgnoredReason reason, string field)
    {
        ref var value = ref _values[index];
        if (!value.IsIgnored)
        {
            value.IsIgnored = true;
            Ignored.Add(reason, field, TextOf(value));
        }
    }

    /// <summary>Reads one JSON document along the paths.</summary>
    /// <exception cref="JsonException">Thrown when the document is malformed.</exception>
    public void Read(ReadOnlySpan<byte> json, PathNode root)
    {
        if (json.IsEmpty || root.IsEmpty)
        {
            return;
        }

        var reader = new Utf8JsonReader(json);
        if (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            ReadObject(ref reader, root, NoItem);
        }
    }

    /// <summary>Reads one property of the root, whose name is known.</summary>
    public void Read(ReadOnlySpan<byte> value, PathNode root, ReadOnlySpan<byte> name)
    {
        if (root.Find(name) is { } node)
        {
            var reader = new Utf8JsonReader(value);
            reader.Read();
            ReadValue(ref reader, node, NoItem);
        }
    }

    private void ReadObject(ref Utf8JsonReader reader, PathNode node, int item)
    {
        var visit = ++_visit;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var child = reader.ValueIsEscaped ? node.FindEscaped(ref reader) : node.Find(reader.ValueSpan);
            reader.Read();
            if (child is null)
            {
                reader.Skip();
                continue;
            }

            if (_lastVisits[child.Index] == visit)
            {
                Forget(child, item);
            }

            _lastVisits[child.Index] = visit;
            ReadValue(ref reader, child, item);
        }
    }

    private void ReadValue(ref Utf8JsonReader reader, PathNode node, int item)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                if (node.Slot >= 0)
                {
                    ref var value = ref Append(node.Slot, item);
                    (value.Kind, value.Number) = (node.IsItem ? ValueKind.Number : ValueKind.Structure, 1);
                }

                ReadObject(ref reader, node, item);
                break;
            case JsonTokenType.StartArray when node.Item is not null:
                ReadArray(ref reader, node.Item);
                break;
            case JsonTokenType.StartArray:
                if (node.Slot >= 0)
                {
                    Append(node.Slot, item).Kind = ValueKind.Structure;
                }

                reader.Skip();
                break;
            case JsonTokenType.Null:
                node.Visit(this, static (values, slot) => values._withdrawn[slot] = true);
                break;
            default:
                if (node.Slot >= 0)
                {
                    ReadScalar(ref reader, ref Append(node.Slot, item));
                }

                break;
        }
    }

    private void ReadArray(ref Utf8JsonReader reader, PathNode item)
    {
        var index = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (index < ItemsMax)
            {
                ReadValue(ref reader, item, index);
            }
            else
            {
                reader.Skip();
            }

            index++;
        }

        if (index > ItemsMax)
        {
            Ignored.Add(IgnoredReason.TooManyValues, "items of an array", default, index - ItemsMax);
        }
    }

    private void ReadScalar(ref Utf8JsonReader reader, ref PathValue value)
    {
        var room = reader.ValueSpan.Length;
        if (_text.Length - _textLength < room)
        {
            Array.Resize(ref _text, Math.Max(_text.Length * 2, _textLength + room));
        }

        var target = _text.AsSpan(_textLength);
        value.TextStart = _textLength;
        if (reader.TokenType == JsonTokenType.String && reader.ValueIsEscaped)
        {
            value.TextLength = reader.CopyString(target);
        }
        else
        {
            reader.ValueSpan.CopyTo(target);
            value.TextLength = room;
        }

        _textLength += value.TextLength;
        value.Kind = reader.TokenType is JsonTokenType.True or JsonTokenType.False ? ValueKind.Boolean : ValueKind.Text;
    }

    private ValueKind Parse(ref PathValue value)
    {
        var text = TextOf(value).Trim(" \t\r\n"u8);
        if (NumberText.TryParse(text, out value.Number))
        {
            return ValueKind.Number;
        }

        return double.IsInfinity(value.Number) ? ValueKind.Endless
            : AmountText.TryParse(text, out value.Number, out value.Currency) ? ValueKind.Number : ValueKind.Words;
    }

    private ref PathValue Append(int slot, int item)
    {
        if (_count == _values.Length)
        {
            Array.Resize(ref _values, _count * 2);
        }

        // Beyond the limit the last value is overwritten; events of at most 32 KB never reach it.
        var index = _count < ValuesMax ? _count++ : ValuesMax - 1;
        _values[index] = new PathValue { Next = -1, Item = item };
        _withdrawn[slot] = false;
        if (_heads[slot] < 0)
        {
            _heads[slot] = index;
        }
        else if (_tails[slot] != index)
        {
            _values[_tails[slot]].Next = index;
        }

        _tails[slot] = index;
        return ref _values[index];
    }

    /// <summary>Removes what an earlier property of the same name in the same object has left.</summary>
    private void Forget(PathNode node, int item) => node.Visit((Values: this, Item: item), static (from, slot) => from.Values.Forget(slot, from.Item));

    private void Forget(int slot, int item)
    {
        _withdrawn[slot] = false;
        var (kept, next) = (-1, _heads[slot]);
        _heads[slot] = -1;
        for (; next >= 0 && item != NoItem; next = _values[next].Next)
        {
            // The items of an array come in order: all before this one stay.
            if (_values[next].Item == item)
            {
                break;
            }

            _heads[slot] = _heads[slot] < 0 ? next : _heads[slot];
            kept = next;
        }

        _tails[slot] = kept;
        if (kept >= 0)
        {
            _values[kept].Next = -1;
        }
    }
}
