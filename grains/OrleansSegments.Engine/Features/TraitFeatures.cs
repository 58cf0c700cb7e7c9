namespace OrleansSegments.Engine.Features;

/// <summary>
/// The features that are the traits as they stand (age, income): their cells are computed from the trait table whenever it changes, so that a
/// feature has a value exactly when its trait has one, and the same one. Thread-safe.
/// </summary>
internal sealed class TraitFeatures
{
    [ThreadStatic]
    private static EventValues? t_values;

    private readonly (int Cell, CompiledValue Value)[] _followers;
    private readonly Dictionary<string, int> _slots = new(StringComparer.Ordinal);
    private readonly PathNode _root;
    private int _nodes;

    public TraitFeatures(StateLayout layout, ReadingRules reading)
    {
        _root = new PathNode([], _nodes++);
        _followers = [.. layout.Accumulators.Where(x => x.FollowsTraits).Select(x => (x.Cell, new CompiledValue(x.Source, reading, SlotOf)))];
    }

    /// <summary>Call it after every change of the traits.</summary>
    public void Follow(Span<double> cells, in TraitTable traits)
    {
        var values = t_values ??= new EventValues(new IgnoredInput());
        long newest = 0;
        for (var i = 0; i < traits.Count; i++)
        {
            newest = _root.Find(traits.NameAt(i)) is null ? newest : Math.Max(newest, traits.TimeAt(i));
        }

        values.Begin(_slots.Count, _nodes, [], newest);
        for (var i = 0; i < traits.Count; i++)
        {
            values.Read(traits.ValueAt(i), _root, traits.NameAt(i));
        }

        foreach (var (cell, value) in _followers)
        {
            // Adding zero turns a negative zero, which would count as present, into a positive one.
            (cells[cell], cells[cell + 1]) = value.TryGet(values, out var number) ? (number + 0.0, newest) : (0, 0);
        }
    }

    private int SlotOf(FieldPath path)
    {
        if (!_slots.TryGetValue(path.ToString(), out var slot))
        {
            slot = _slots.Count;
            _slots.Add(path.ToString(), slot);
            _root.Add(path, slot, ref _nodes);
        }

        return slot;
    }
}
