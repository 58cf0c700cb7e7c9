using System.Collections.Frozen;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using OrleansSegments.Engine.Features;

namespace OrleansSegments.Engine.Events;

/// <summary>
/// Converts events to facts, the few numbers that the catalogue needs. Compiled once per catalogue; thread-safe when each thread uses its
/// own <see cref="FactsWriter"/>.
/// </summary>
public sealed class EventReader
{
    private readonly FrozenDictionary<string, EventPlan>[] _named;
    private readonly EventPlan[] _unnamed;
    private readonly TimeZones _zones;
    private readonly EventNames _names;
    private readonly ulong _layoutHash;

    /// <param name="text">Judges messages; null for the lexicon of the catalogue.</param>
    public EventReader(FeatureCatalogue catalogue, ITextReader? text = null)
    {
        var reading = text is null ? catalogue.Reading : new ReadingRules(catalogue.Content, text);
        var accumulators = catalogue.Layout.Accumulators;
        var types = Enum.GetValues<EventType>();
        _zones = new TimeZones(catalogue.TimeZone);
        _names = catalogue.EventNames;
        _layoutHash = catalogue.LayoutHash;
        _named = new FrozenDictionary<string, EventPlan>[types.Length];
        _unnamed = new EventPlan[types.Length];
        foreach (var type in types)
        {
            var names = accumulators.SelectMany(x => x.Source.Events).Where(x => x.Type == type && x.Name is not null)
                .Select(x => x.Name!).Distinct(StringComparer.OrdinalIgnoreCase);
            _named[(int)type] = names.ToFrozenDictionary(x => x, x => Plan(accumulators, type, x, reading), StringComparer.OrdinalIgnoreCase);
            _unnamed[(int)type] = Plan(accumulators, type, null, reading);
        }
    }

    /// <summary>
    /// Appends the facts of one event. Values that are missing, of the wrong type, out of range or disallowed negatives are skipped.
    /// Returns false without appending anything when the JSON is malformed or the message id is empty.
    /// </summary>
    public bool Read(in EventInput input, FactsWriter writer)
    {
        if (string.IsNullOrEmpty(input.MessageId))
        {
            return false;
        }

        var plan = PlanOf(input.Type, input.Name);
        var values = writer.Values;
        values.Begin(plan.SlotCount, plan.NodeCount, plan.CurrencySlots, input.OccurredAtMilliseconds);
        writer.BeginEvent(XxHash64.HashToUInt64(MemoryMarshal.AsBytes<char>(input.MessageId)), input.OccurredAtMilliseconds, _layoutHash);
        try
        {
            values.Read(input.Properties, plan.Body);
            values.Read(input.Context, plan.Context);
            if (input.Type is EventType.Identify or EventType.Group)
            {
                TraitReader.Read(input.Properties, input.Type, writer);
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The reader throws InvalidOperationException for invalid UTF-8 or UTF-16 text.
            writer.CancelEvent();
            return false;
        }

        var time = plan.NeedsLocalTime ? LocalTime.At(input.OccurredAtMilliseconds, ZoneOf(plan, values)) : default;
        foreach (var rule in plan.Rules)
        {
            rule.Emit(values, time, writer);
        }

        writer.EndEvent();
        writer.Survey?.Add(input, plan);
        return true;
    }

    private ZoneClock ZoneOf(EventPlan plan, EventValues values)
    {
        var head = values.Head(plan.TimeZoneSlot);
        return head < 0 ? _zones.Standard : _zones.Find(values.TextOf(values.At(head)));
    }

    private EventPlan PlanOf(EventType type, string? name) =>
        name is null ? _unnamed[(int)type]
        : _named[(int)type].TryGetValue(name, out var plan) ? plan
        : type == EventType.Track && _named[(int)type].TryGetValue(_names.Of(name), out plan) ? plan
        : _unnamed[(int)type];

    private static EventPlan Plan(IReadOnlyList<Accumulator> accumulators, EventType type, string? name, ReadingRules reading) =>
        new(type, accumulators.Where(x => x.Source.Events.Any(pattern => pattern.Matches(type, name))), reading);
}

/// <summary>One event of the Segment spec, as received. The JSON stays unparsed; the reader visits it once.</summary>
public readonly ref struct EventInput
{
    public required EventType Type { get; init; }

    /// <summary>Name of a track event, page or screen; null otherwise.</summary>
    public string? Name { get; init; }

    /// <summary>The key of de-duplication; never empty.</summary>
    public required string MessageId { get; init; }

    /// <summary>When it happened: Unix milliseconds, UTC, after correction of the client's clock.</summary>
    public required long OccurredAtMilliseconds { get; init; }

    /// <summary>UTF-8 JSON object: the properties, or the traits of an identify or group call. May be empty.</summary>
    public ReadOnlySpan<byte> Properties { get; init; }

    /// <summary>UTF-8 JSON object of the context. May be empty.</summary>
    public ReadOnlySpan<byte> Context { get; init; }
}

/// <summary>
/// Reads the top-level traits of an identify call, and of a group call the group's id. What is beyond a limit is left out trait by trait and
/// counted; limits are measured in the one spelling in which traits are stored.
/// </summary>
internal static class TraitReader
{
    /// <summary>More names than a customer keeps, for events whose names repeat.</summary>
    private const int TraitsPerEventMax = 1000;

    private static ReadOnlySpan<byte> GroupId => "groupId"u8;

    public static void Read(ReadOnlySpan<byte> json, EventType type, FactsWriter writer)
    {
        if (json.IsEmpty)
        {
            return;
        }

        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return;
        }

        var count = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (type == EventType.Group && !reader.ValueTextEquals("id"u8))
            {
                reader.Skip();
                continue;
            }

            var canonical = writer.Canonical;
            canonical.Clear();
            canonical.WriteText(ref reader);
            var nameEnd = canonical.Written.Length - 1;
            reader.Read();
            canonical.WriteValue(ref reader);
            var name = type == EventType.Group ? GroupId : canonical.Written[1..nameEnd];
            Add(name, canonical.Written[(nameEnd + 1)..], ref count, writer);
        }
    }

    private static void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, ref int count, FactsWriter writer)
    {
        if (name.Length > TraitTable.NameBytesMax)
        {
            writer.Ignored.Add(IgnoredReason.TraitNameTooLong, "traits", name);
        }
        else if (value.Length > TraitTable.ValueBytesMax)
        {
            writer.Ignored.Add(IgnoredReason.TraitTooLarge, $"traits.{Encoding.UTF8.GetString(name)}", value);
        }
        else if (count++ < TraitsPerEventMax)
        {
            writer.AddTrait(name, value);
        }
        else
        {
            writer.Ignored.Add(IgnoredReason.TooManyTraits, "traits", name);
        }
    }
}
