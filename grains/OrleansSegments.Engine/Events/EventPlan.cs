using OrleansSegments.Engine.Features;

namespace OrleansSegments.Engine.Events;

/// <summary>What to look for in the events of one type and name: the paths, and the rules they feed.</summary>
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
