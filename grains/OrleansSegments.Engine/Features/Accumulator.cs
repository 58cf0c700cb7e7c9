namespace OrleansSegments.Engine.Features;

/// <summary>One running aggregate of a customer; features that need the same aggregate share it.</summary>
/// <param name="sinceMilliseconds">When it began to be collected; see <see cref="FeatureDefinition.SinceMilliseconds"/>.</param>
internal sealed class Accumulator(
    CellOp op, Emission emission, double halfLifeMilliseconds, EventSource source, ShareMatch? match, long sinceMilliseconds)
{
    public CellOp Op { get; } = op;

    public Emission Emission { get; } = emission;

    public double HalfLifeMilliseconds { get; } = halfLifeMilliseconds;

    public EventSource Source { get; } = source;

    public ShareMatch? Match { get; } = match;

    /// <summary>
    /// True when the value is that of the traits as they stand, not of one event; so a feature never disagrees with the trait it is read from.
    /// </summary>
    public bool FollowsTraits { get; } = op == CellOp.Last && source.Where.Count == 0
        && source.Events.All(x => x.Type == EventType.Identify) && source.Value.All(x => x.Path.Root == FieldRoot.Traits);

    /// <summary>Index of the first cell, assigned when the layout is complete.</summary>
    public int Cell { get; set; } = -1;

    public int CellCount => Op is CellOp.Or or CellOp.Last or CellOp.First ? 2 : 1;

    /// <summary>Identity across catalogues: accumulators with equal keys hold the same number for the same events.</summary>
    public string Key { get; } = $"{op}/{emission}/{halfLifeMilliseconds:R}/{source}/{match}{(sinceMilliseconds == 0 ? "" : $"@{sinceMilliseconds}")}";
}

/// <summary>What a matching event contributes to an accumulator.</summary>
internal enum Emission : byte
{
    /// <summary>One per event.</summary>
    One,

    /// <summary>The value.</summary>
    Value,

    /// <summary>One if the event has a usable value.</summary>
    ValuePresent,

    /// <summary>One per value (or event) that the share's match accepts.</summary>
    Matching,

    /// <summary>One per value that the share's match could have accepted.</summary>
    Matchable,

    /// <summary>Cosine of the local time of day.</summary>
    Cosine,

    /// <summary>Sine of the local time of day.</summary>
    Sine,

    /// <summary>One bit out of 128 per value.</summary>
    Bits,
}

/// <summary>
/// How a fact is combined with its cell. Every operation is commutative and associative, so the order of events does not matter.
/// </summary>
internal enum CellOp : byte
{
    /// <summary>Adds, after decay to the reference time.</summary>
    Sum,

    /// <summary>Bitwise or.</summary>
    Or,

    /// <summary>Keeps the newest time.</summary>
    Newest,

    /// <summary>Keeps the oldest time.</summary>
    Oldest,

    /// <summary>Value of the newest event; its time is in the next cell; at equal times the larger value wins. NaN: withdrawn.</summary>
    Last,

    /// <summary>Value of the oldest event; its time is in the next cell; at equal times the larger value wins.</summary>
    First,

    /// <summary>The time that belongs to the preceding cell.</summary>
    TimeOfPrevious,
}
