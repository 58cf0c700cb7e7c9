using System.Text.Json;
using OrleansSegments.Engine.Features;

namespace OrleansSegments.Engine.Events;

/// <summary>
/// Which events arrive, with which properties. Counts every event, and looks at the properties of one in <see cref="SampledEvery"/> of a name.
/// Bounded; allocates only for names it has not seen. Not thread-safe: every batch has its own, merged into the silo's when the batch ends.
/// </summary>
public sealed class EventSurvey
{
    public const int NamesMax = 1000;
    public const int PropertiesMax = 100;
    public const int SampledEvery = 16;

    private const int NameLengthMax = 128;

    private readonly Dictionary<(EventType Type, string Name), Entry> _entries = [];
    private readonly List<Entry> _touched = [];
    private long _beyondNames;

    public bool IsEmpty => _touched.Count == 0 && _beyondNames == 0;

    internal void Add(in EventInput input, EventPlan plan)
    {
        // Names of pages and screens are titles, as many as there are pages.
        var name = input.Type == EventType.Track ? input.Name ?? "" : "";
        if (Touch(input.Type, name, plan.IsRead) is not { } entry)
        {
            _beyondNames++;
            return;
        }

        entry.Extend(input.OccurredAtMilliseconds, input.OccurredAtMilliseconds);
        if (entry.Count++ % SampledEvery == 0)
        {
            Look(input.Properties, plan.Body, entry);
        }
    }

    /// <summary>Takes what another survey has seen and empties it.</summary>
    public void Take(EventSurvey other)
    {
        _beyondNames += other._beyondNames;
        other._beyondNames = 0;
        foreach (var seen in other._touched)
        {
            if (Touch(seen.Type, seen.Name, seen.IsRead) is { } entry)
            {
                entry.Take(seen);
            }
            else
            {
                _beyondNames += seen.Count;
            }

            seen.Count = 0;
        }

        other.Rest();
    }

    /// <summary>What was seen since the last call, and the number of events whose names found no room.</summary>
    public (IReadOnlyList<SurveyedEvent> Events, long BeyondNames) Drain()
    {
        SurveyedEvent[] seen = [.. _touched.Select(x => x.Show())];
        var beyond = _beyondNames;
        _touched.ForEach(x => x.Count = 0);
        _beyondNames = 0;
        Rest();
        return (seen, beyond);
    }

    private void Rest()
    {
        _touched.Clear();
        if (_entries.Count == NamesMax)
        {
            _entries.Clear();
        }
    }

    private Entry? Touch(EventType type, string name, bool isRead)
    {
        if (!_entries.TryGetValue((type, name), out var entry))
        {
            if (_entries.Count == NamesMax)
            {
                return null;
            }

            _entries[(type, name)] = entry = new Entry(type, name, isRead);
        }

        if (entry.Count == 0)
        {
            _touched.Add(entry);
            (entry.FirstAt, entry.LastAt) = (long.MaxValue, long.MinValue);
        }

        return entry;
    }

    private static void Look(ReadOnlySpan<byte> json, PathNode read, Entry entry)
    {
        if (json.IsEmpty)
        {
            return;
        }

        Span<char> name = stackalloc char[NameLengthMax];
        try
        {
            var reader = new Utf8JsonReader(json);
            reader.Read();
            while (reader.TokenType != JsonTokenType.StartArray && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isKnown = reader.ValueSpan.Length <= NameLengthMax;
                var length = isKnown ? reader.CopyString(name) : 0;
                var isRead = isKnown && (reader.ValueIsEscaped ? read.FindEscaped(ref reader) : read.Find(reader.ValueSpan)) is not null;
                reader.Read();
                entry.Add(name[..length], 1 << (int)Kind(reader.TokenType), isRead);
                reader.Skip();
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // No feature reads this part, so that it is malformed does no harm.
        }
    }

    private static JsonKind Kind(JsonTokenType token) => token switch
    {
        JsonTokenType.String => JsonKind.String,
        JsonTokenType.Number => JsonKind.Number,
        JsonTokenType.StartObject => JsonKind.Object,
        JsonTokenType.StartArray => JsonKind.Array,
        JsonTokenType.Null => JsonKind.Null,
        _ => JsonKind.Boolean,
    };

    private enum JsonKind
    {
        String,
        Number,
        Boolean,
        Object,
        Array,
        Null,
    }

    private sealed class Entry(EventType type, string name, bool isRead)
    {
        private static readonly string[] KindNames = [.. Enum.GetNames<JsonKind>().Select(x => x.ToLowerInvariant())];

        private readonly Dictionary<string, (int Kinds, bool IsRead)> _properties = new(StringComparer.Ordinal);
        private long _beyondProperties;
        private bool _hasNews;

        public EventType Type { get; } = type;

        public string Name { get; } = name;

        public bool IsRead { get; } = isRead;

        public long Count { get; set; }

        public long FirstAt { get; set; }

        public long LastAt { get; set; }

        public void Extend(long firstAt, long lastAt) => (FirstAt, LastAt) = (Math.Min(FirstAt, firstAt), Math.Max(LastAt, lastAt));

        public void Add(ReadOnlySpan<char> property, int kinds, bool isRead)
        {
            var lookup = _properties.GetAlternateLookup<ReadOnlySpan<char>>();
            var isKnown = lookup.TryGetValue(property, out var known);
            if (isKnown ? (known.Kinds | kinds) == known.Kinds : _properties.Count == PropertiesMax)
            {
                _beyondProperties += isKnown ? 0 : 1;
                return;
            }

            lookup[property] = (known.Kinds | kinds, isRead);
            _hasNews = true;
        }

        public void Take(Entry seen)
        {
            Count += seen.Count;
            Extend(seen.FirstAt, seen.LastAt);
            _beyondProperties += seen._beyondProperties;
            seen._beyondProperties = 0;
            if (seen._hasNews)
            {
                seen._hasNews = false;
                foreach (var (property, (kinds, isRead)) in seen._properties)
                {
                    Add(property, kinds, isRead);
                }
            }
        }

        public SurveyedEvent Show()
        {
            var shown = new SurveyedEvent(
                Type, Name, Count, FirstAt, LastAt, IsRead,
                [.. _properties.Select(x => new SurveyedProperty(x.Key, [.. KindNames.Where((_, kind) => (x.Value.Kinds >> kind & 1) != 0)], x.Value.IsRead))], _beyondProperties);
            _beyondProperties = 0;
            return shown;
        }
    }
}

/// <summary>Events of one name since the last time. Times are Unix milliseconds of the events.</summary>
/// <param name="IsRead">Whether a feature names these events; every event counts for those that take all.</param>
/// <param name="BeyondProperties">Properties that found no room, as often as they were looked at.</param>
public sealed record SurveyedEvent(
    EventType Type, string Name, long Count, long FirstAt, long LastAt, bool IsRead, IReadOnlyList<SurveyedProperty> Properties, long BeyondProperties);

/// <summary>A top-level property or trait, the JSON types it was sent with, and whether a feature looks at it.</summary>
public sealed record SurveyedProperty(string Name, string[] Types, bool IsRead);
