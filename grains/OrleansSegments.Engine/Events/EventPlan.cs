using System.Text;
using OrleansSegments.Engine.Features;

namespace OrleansSegments.Engine.Events;

/// <summary>What to read from events of one type and name: the paths, and the rules that use them.</summary>
internal sealed class EventPlan
{
    private static readonly FieldPath TimeZonePath = FieldPath.Parse("context.timezone")!;

    private readonly Dictionary<string, int> _slots = new(StringComparer.Ordinal);
    private readonly FieldRoot? _bodyRoot;

    public EventPlan(EventType type, IEnumerable<Accumulator> accumulators)
    {
        // The traits of a group call describe the group, not the customer.
        _bodyRoot = type switch
        {
            EventType.Identify => FieldRoot.Traits,
            EventType.Group => null,
            _ => FieldRoot.Properties,
        };
        Rules = [.. accumulators.Select(x => new FactRule(x, SlotOf))];
        NeedsLocalTime = Rules.Any(x => x.NeedsLocalTime);
        TimeZoneSlot = NeedsLocalTime ? SlotOf(TimeZonePath) : -1;
    }

    public FactRule[] Rules { get; }

    public bool NeedsLocalTime { get; }

    public int TimeZoneSlot { get; }

    public PathNode Body { get; } = new([]);

    public PathNode Context { get; } = new([]);

    public int SlotCount => _slots.Count;

    private int SlotOf(FieldPath path)
    {
        if (_slots.TryGetValue(path.ToString(), out var slot))
        {
            return slot;
        }

        slot = _slots.Count;
        _slots.Add(path.ToString(), slot);
        if (path.Root == FieldRoot.Context)
        {
            Context.Add(path, slot);
        }
        else if (path.Root == _bodyRoot)
        {
            Body.Add(path, slot);
        }

        return slot;
    }
}

/// <summary>What one accumulator takes from an event that matches its source.</summary>
internal sealed class FactRule
{
    private readonly Accumulator _accumulator;
    private readonly CompiledCondition[] _where;
    private readonly CompiledCondition? _match;
    private readonly CompiledValue _value;

    public FactRule(Accumulator accumulator, Func<FieldPath, int> slotOf)
    {
        _accumulator = accumulator;
        _where = [.. accumulator.Source.Where.Select(x => new CompiledCondition(x, slotOf))];
        _match = accumulator.Match?.Condition is { } condition ? new CompiledCondition(condition, slotOf) : null;
        _value = new CompiledValue(accumulator.Source, slotOf);
    }

    public bool NeedsLocalTime =>
        _accumulator.Emission is Emission.Cosine or Emission.Sine || (_accumulator.Emission == Emission.Matching && _match is null);

    public void Emit(EventValues values, LocalTime time, FactsWriter writer)
    {
        foreach (var condition in _where)
        {
            if (!condition.Holds(values))
            {
                return;
            }
        }

        var cell = _accumulator.Cell;
        switch (_accumulator.Emission)
        {
            case Emission.One:
                writer.AddOne(cell);
                break;
            case Emission.Value when _value.TryGet(values, out var number):
                writer.Add(cell, number);
                break;
            case Emission.ValuePresent when _value.TryGet(values, out _):
                writer.AddOne(cell);
                break;
            case Emission.Matching:
                AddCount(writer, cell, _match is null ? Inside(time) : _match.Count(values).Matching);
                break;
            case Emission.Matchable:
                AddCount(writer, cell, _match!.Count(values).All);
                break;
            case Emission.Cosine:
                writer.Add(cell, Math.Cos(time.DayAngle));
                break;
            case Emission.Sine:
                writer.Add(cell, Math.Sin(time.DayAngle));
                break;
            case Emission.Bits:
                var (low, high) = _value.Bits(values);
                writer.AddBits(cell, low);
                writer.AddBits(cell + 1, high);
                break;
        }
    }

    private int Inside(LocalTime time) => _accumulator.Match!.ContainsTime(time.Hour, time.Weekday) ? 1 : 0;

    private static void AddCount(FactsWriter writer, int cell, int count)
    {
        if (count == 1)
        {
            writer.AddOne(cell);
        }
        else if (count > 1)
        {
            writer.Add(cell, count);
        }
    }
}

/// <summary>A condition with its paths resolved to slots and its texts encoded as UTF-8.</summary>
internal sealed class CompiledCondition(EventCondition condition, Func<FieldPath, int> slotOf)
{
    private readonly int[] _slots = [.. condition.Paths.Select(slotOf)];
    private readonly byte[][] _anyOf = [.. condition.AnyOf.Select(Encoding.UTF8.GetBytes)];

    public bool Holds(EventValues values)
    {
        var (matching, all) = Count(values);
        return _anyOf.Length > 0 ? matching > 0 : all > 0 == condition.Exists;
    }

    /// <summary>For the first path with values: how many match, and how many there are.</summary>
    public (int Matching, int All) Count(EventValues values)
    {
        foreach (var slot in _slots)
        {
            var (matching, all) = (0, 0);
            for (var i = values.Head(slot); i >= 0; i = values.At(i).Next)
            {
                all++;
                matching += IsAnyOf(values.TextOf(values.At(i)), _anyOf) ? 1 : 0;
            }

            if (all > 0)
            {
                return (matching, all);
            }
        }

        return (0, 0);
    }

    public static bool IsAnyOf(ReadOnlySpan<byte> text, byte[][] candidates) => IndexOf(text, candidates) >= 0;

    public static int IndexOf(ReadOnlySpan<byte> text, byte[][] candidates)
    {
        for (var i = 0; i < candidates.Length; i++)
        {
            // EqualsIgnoreCase returns false for non-ASCII bytes, hence the exact comparison as well.
            if (text.Length == candidates[i].Length && (text.SequenceEqual(candidates[i]) || Ascii.EqualsIgnoreCase(text, candidates[i])))
            {
                return i;
            }
        }

        return -1;
    }
}
