namespace OrleansSegments.Engine.Features;

/// <summary>One running aggregate of a customer; features that need the same aggregate share it.</summary>
internal sealed class Accumulator(CellOp op, Emission emission, double halfLifeMilliseconds, EventSource source, ShareMatch? match)
{
    public CellOp Op { get; } = op;

    public Emission Emission { get; } = emission;

    public double HalfLifeMilliseconds { get; } = halfLifeMilliseconds;

    public EventSource Source { get; } = source;

    public ShareMatch? Match { get; } = match;

    /// <summary>Index of the first cell, assigned when the layout is complete.</summary>
    public int Cell { get; set; } = -1;

    public int CellCount => Op is CellOp.Or or CellOp.Last or CellOp.First ? 2 : 1;

    /// <summary>Identity across catalogues: equal keys hold the same number for the same events.</summary>
    public string Key { get; } = $"{op}/{emission}/{halfLifeMilliseconds:R}/{source}/{match}";
}
