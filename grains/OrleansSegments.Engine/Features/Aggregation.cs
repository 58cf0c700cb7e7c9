namespace OrleansSegments.Engine.Features;

/// <summary>How the events of one customer become one number. Every aggregation is independent of the order of the events.</summary>
public enum Aggregation
{
    /// <summary>Sum of the weights 2^(-age / half-life) of the matching events.</summary>
    DecayedCount,

    /// <summary>Sum of value times weight.</summary>
    DecayedSum,

    /// <summary>Decayed sum over the decayed count of the events that carry a value, shrunk to a prior.</summary>
    DecayedMean,

    /// <summary>One decayed sum (or count) over another, shrunk to a prior.</summary>
    Ratio,

    /// <summary>Number of different values ever seen, estimated by linear counting on 128 bits.</summary>
    Distinct,

    /// <summary>The value of the newest event that carries one.</summary>
    Last,

    /// <summary>The value of the oldest event that carries one.</summary>
    First,

    /// <summary>Days since the newest matching event.</summary>
    TimeSince,

    /// <summary>Days since the oldest matching event.</summary>
    TimeSinceFirst,

    /// <summary>Decayed weight of what matches over the decayed weight of all, shrunk to a prior.</summary>
    Share,

    /// <summary>Decayed mean of the cosine of the local time of day, shrunk to zero.</summary>
    HourCos,

    /// <summary>Decayed mean of the sine of the local time of day, shrunk to zero.</summary>
    HourSin,

    /// <summary>Mean days between two matching events; needs two.</summary>
    IntervalMean,
}
