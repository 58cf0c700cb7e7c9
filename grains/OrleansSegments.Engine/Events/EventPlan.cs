using OrleansSegments.Engine.Features;

namespace OrleansSegments.Engine.Events;

/// <summary>What to read from events of one type and name: the paths, and the rules that use them.</summary>
internal sealed class EventPlan
{
    private static readonly FieldPath TimeZonePath = FieldPath.Parse("context.timezone")!;

    private readonly Dictionary<string, int> _slots = new(StringComparer.Ordinal);
    private readonly FieldRoot _bodyRoot;
    private int _nodes;

    public EventPlan(EventType type, IEnumerable<Accumulator> accumulators, ReadingRules reading)
    {
        // The traits of a group call describe the group, not the customer.
        _bodyRoot = type switch
        {
            EventType.Identify => FieldRoot.Traits,
            EventType.Group => FieldRoot.Group,
            _ => FieldRoot.Properties,
        };
        (Body, Context) = (new PathNode([], _nodes++), new PathNode([], _nodes++));
        var read = accumulators.ToArray();
        IsRead = Array.Exists(read, x => !x.Source.Events.Any(pattern => pattern.IsEverything));
        Rules = [.. read.Select(x => new FactRule(x, reading, SlotOf))];
        NeedsLocalTime = Rules.Any(x => x.NeedsLocalTime);
        TimeZoneSlot = NeedsLocalTime ? SlotOf(TimeZonePath) : -1;
        CurrencySlots = Rules.Any(x => x.NeedsCurrency) ? [.. reading.Aliases.Variants(ReadingRules.CurrencyPath).Select(SlotOf)] : [];
    }

    public FactRule[] Rules { get; }

    /// <summary>Whether a feature takes these events, beside those that take all.</summary>
    public bool IsRead { get; }

    public bool NeedsLocalTime { get; }

    public int TimeZoneSlot { get; }

    /// <summary>Where an event may name the currency of its amounts, the first that does counts.</summary>
    public int[] CurrencySlots { get; }

    public PathNode Body { get; }

    public PathNode Context { get; }

    public int SlotCount => _slots.Count;

    public int NodeCount => _nodes;

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
            Context.Add(path, slot, ref _nodes);
        }
        else if (path.Root == _bodyRoot)
        {
            Body.Add(path, slot, ref _nodes);
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

    public FactRule(Accumulator accumulator, ReadingRules reading, Func<FieldPath, int> slotOf)
    {
        _accumulator = accumulator;
        _where = [.. accumulator.Source.Where.Select(x => new CompiledCondition(x, reading.Aliases, slotOf))];
        _match = accumulator.Match?.Condition is { } condition ? new CompiledCondition(condition, reading.Aliases, slotOf) : null;
        _value = new CompiledValue(accumulator.Source, reading, slotOf);
    }

    public bool NeedsLocalTime =>
        _accumulator.Emission is Emission.Cosine or Emission.Sine || (_accumulator.Emission == Emission.Matching && _match is null);

    public bool NeedsCurrency => _value.IsMoney;

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
            case Emission.Value:
                AddValue(values, writer, cell);
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

    private void AddValue(EventValues values, FactsWriter writer, int cell)
    {
        // What follows the traits is set from them when they are applied; here its values are only looked at, to count what is no use.
        if (_value.TryGet(values, out var number))
        {
            if (!_accumulator.FollowsTraits)
            {
                writer.Add(cell, number);
            }
        }
        else if (_accumulator is { Op: CellOp.Last, FollowsTraits: false } && _value.IsWithdrawn(values))
        {
            writer.Add(cell, double.NaN);
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
