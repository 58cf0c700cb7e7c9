using System.Text.Json;

namespace OrleansSegments.Engine.Features;

/// <summary>
/// Writes JSON values in one spelling: no blanks, only the escapes that JSON needs, and of a name that an object has twice the last one.
/// Reusable; not thread-safe.
/// </summary>
internal sealed class CanonicalJson
{
    /// <summary>An object of more names is longer than any trait may be.</summary>
    private const int NamesMax = 2048;

    private readonly List<Member> _members = [];
    private byte[] _bytes = new byte[1024];
    private byte[] _text = new byte[256];
    private int _length;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    public void Clear() => _length = 0;

    /// <summary>The reader is on the first token of a value and ends on its last.</summary>
    /// <exception cref="InvalidOperationException">Thrown for text that is not valid Unicode.</exception>
    public void WriteValue(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                WriteObject(ref reader);
                break;
            case JsonTokenType.StartArray:
                WriteArray(ref reader);
                break;
            case JsonTokenType.String:
                WriteText(ref reader);
                break;
            default:
                Append(reader.ValueSpan);
                break;
        }
    }

    /// <summary>Writes the text or name that the reader is on, in quotes.</summary>
    public void WriteText(ref Utf8JsonReader reader)
    {
        Append((byte)'"');
        if (!reader.ValueIsEscaped)
        {
            Append(reader.ValueSpan);
        }
        else
        {
            if (_text.Length < reader.ValueSpan.Length)
            {
                _text = new byte[reader.ValueSpan.Length * 2];
            }

            foreach (var one in _text.AsSpan(0, reader.CopyString(_text)))
            {
                AppendEscaped(one);
            }
        }

        Append((byte)'"');
    }

    private void WriteArray(ref Utf8JsonReader reader)
    {
        var start = _length;
        Append((byte)'[');
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            WriteValue(ref reader);
            Append((byte)',');
        }

        Close(start, (byte)']');
    }

    private void WriteObject(ref Utf8JsonReader reader)
    {
        var (start, first) = (_length, _members.Count);
        Append((byte)'{');
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var member = _length;
            WriteText(ref reader);
            var nameLength = _length - member;
            Append((byte)':');
            reader.Read();
            WriteValue(ref reader);
            Append((byte)',');
            if (_members.Count - first < NamesMax)
            {
                ForgetTwin(first, ref member, nameLength);
                _members.Add(new Member(member, nameLength));
            }
        }

        _members.RemoveRange(first, _members.Count - first);
        Close(start, (byte)'}');
    }

    /// <summary>Removes an earlier member of the same name; the new one is the last that was written.</summary>
    private void ForgetTwin(int first, ref int member, int nameLength)
    {
        var name = _bytes.AsSpan(member, nameLength);
        for (var i = first; i < _members.Count; i++)
        {
            if (_members[i].NameLength != nameLength || !_bytes.AsSpan(_members[i].Start, nameLength).SequenceEqual(name))
            {
                continue;
            }

            var end = i + 1 < _members.Count ? _members[i + 1].Start : member;
            var removed = end - _members[i].Start;
            _bytes.AsSpan(end, _length - end).CopyTo(_bytes.AsSpan(_members[i].Start));
            _members.RemoveAt(i);
            for (; i < _members.Count; i++)
            {
                _members[i] = _members[i] with { Start = _members[i].Start - removed };
            }

            _length -= removed;
            member -= removed;
            return;
        }
    }

    /// <summary>Replaces the comma behind the last part.</summary>
    private void Close(int start, byte end)
    {
        if (_length > start + 1)
        {
            _bytes[_length - 1] = end;
        }
        else
        {
            Append(end);
        }
    }

    private void AppendEscaped(byte one)
    {
        if (one is (byte)'"' or (byte)'\\')
        {
            Append((byte)'\\');
            Append(one);
        }
        else if (one < ' ')
        {
            Append("\\u00"u8);
            Append("0123456789abcdef"u8.Slice(one >> 4, 1));
            Append("0123456789abcdef"u8.Slice(one & 15, 1));
        }
        else
        {
            Append(one);
        }
    }

    private void Append(byte one) => Append([one]);

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_bytes.Length - _length < bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + bytes.Length));
        }

        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    private readonly record struct Member(int Start, int NameLength);
}
