using System.Text.Json;

namespace OrleansSegments.Engine.Events;

/// <summary>Reusable buffer for one event's values, so that reading allocates nothing: per slot a linked list in document order.</summary>
internal sealed class EventValues
{
    public const int ItemsMax = 1000;
    public const int ValuesMax = 8192;

    private int[] _heads = new int[64];
    private int[] _tails = new int[64];
    private PathValue[] _values = new PathValue[64];
    private byte[] _text = new byte[1024];
    private int _count;
    private int _textLength;

    public void Begin(int slots)
    {
        if (_heads.Length < slots)
        {
            _heads = new int[slots];
            _tails = new int[slots];
        }

        _heads.AsSpan(0, slots).Fill(-1);
        _count = 0;
        _textLength = 0;
    }

    public int Head(int slot) => _heads[slot];

    public ref readonly PathValue At(int index) => ref _values[index];

    public ReadOnlySpan<byte> TextOf(in PathValue value) => _text.AsSpan(value.TextStart, value.TextLength);

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
            ReadObject(ref reader, root, item: 0);
        }
    }

    private void ReadObject(ref Utf8JsonReader reader, PathNode node, int item)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var child = reader.ValueIsEscaped ? FindEscaped(ref reader, node) : node.Find(reader.ValueSpan);
            reader.Read();
            if (child is null)
            {
                reader.Skip();
            }
            else
            {
                ReadValue(ref reader, child, item);
            }
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
                    (value.IsNumber, value.Number) = (node.IsItem, 1);
                }

                ReadObject(ref reader, node, item);
                break;
            case JsonTokenType.StartArray when node.Item is not null:
                ReadArray(ref reader, node.Item);
                break;
            case JsonTokenType.StartArray:
                reader.Skip();
                break;
            case JsonTokenType.Null:
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
        var text = TextOf(value);
        (value.IsNumber, value.Number) = reader.TokenType switch
        {
            JsonTokenType.True => (true, 1),
            JsonTokenType.False => (true, 0),
            _ => NumberText.TryParse(text, out var number) ? (true, number) : (false, 0),
        };
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

    private static PathNode? FindEscaped(ref Utf8JsonReader reader, PathNode node)
    {
        Span<byte> name = stackalloc byte[256];
        return reader.ValueSpan.Length > name.Length ? null : node.Find(name[..reader.CopyString(name)]);
    }
}
