using System.Text;
using System.Text.Json;

namespace OrleansSegments.ClientApi.Events;

/// <summary>
/// Merges the envelope's context into the events: an event without a context gets all of it, without a copy; an event with one gets the
/// top-level keys that it lacks. The event's own values take precedence.
/// </summary>
internal sealed class ContextMerge
{
    private readonly ReadOnlyMemory<byte> _envelope;
    private readonly List<(string Name, Range Property)> _properties = [];

    public ContextMerge(ReadOnlyMemory<byte> envelope)
    {
        var reader = new Utf8JsonReader(envelope.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var start = (int)reader.TokenStartIndex;
            var name = NameOf(ref reader);
            reader.Read();
            reader.Skip();
            _properties.Add((name, start..(int)reader.BytesConsumed));
        }

        _envelope = envelope;
    }

    public ReadOnlyMemory<byte> Into(ReadOnlyMemory<byte> own)
    {
        if (_properties.Count == 0)
        {
            return own;
        }

        if (own.IsEmpty)
        {
            return _envelope;
        }

        var names = NamesOf(own.Span);
        var missing = _properties.Where(property => !names.Contains(property.Name)).Select(property => property.Property).ToArray();
        return missing.Length == 0 ? own : Append(own.Span, names.Count > 0, missing);
    }

    private static HashSet<string> NamesOf(ReadOnlySpan<byte> json)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            names.Add(NameOf(ref reader));
            reader.Read();
            reader.Skip();
        }

        return names;
    }

    private static string NameOf(ref Utf8JsonReader reader) =>
        reader.ValueIsEscaped && JsonText.TryUnescape(ref reader, out var name) && name is not null
            ? name
            : Encoding.UTF8.GetString(reader.ValueSpan);

    private byte[] Append(ReadOnlySpan<byte> own, bool ownHasProperties, Range[] missing)
    {
        var head = own[..^1];
        var length = head.Length + missing.Sum(range => range.End.Value - range.Start.Value) + missing.Length - (ownHasProperties ? 0 : 1) + 1;
        var merged = new byte[length];
        head.CopyTo(merged);
        var at = head.Length;
        for (var i = 0; i < missing.Length; i++)
        {
            if (ownHasProperties || i > 0)
            {
                merged[at++] = (byte)',';
            }

            var property = _envelope.Span[missing[i]];
            property.CopyTo(merged.AsSpan(at));
            at += property.Length;
        }

        merged[at] = (byte)'}';
        return merged;
    }
}
