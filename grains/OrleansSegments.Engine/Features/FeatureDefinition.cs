namespace OrleansSegments.Engine.Features;

/// <summary>One entry of the catalogue, checked. Its index in the catalogue is the index in every feature vector.</summary>
public sealed record FeatureDefinition
{
    public required string Name { get; init; }

    public required FactorKind Factor { get; init; }

    public required Aggregation Aggregation { get; init; }

    /// <summary>The source; of a ratio, the numerator.</summary>
    public required EventSource Source { get; init; }

    /// <summary>The denominator of a ratio, else null.</summary>
    public EventSource? Denominator { get; init; }

    /// <summary>What a share counts, else null.</summary>
    public ShareMatch? Match { get; init; }

    /// <summary>Infinite if nothing decays.</summary>
    public double HalfLifeMilliseconds { get; init; } = double.PositiveInfinity;

    /// <summary>Weight k of the prior, in the unit of the denominator; the value is (a + k m) / (b + k).</summary>
    public double PriorWeight { get; init; }

    /// <summary>Mean m of the prior.</summary>
    public double PriorMean { get; init; }

    public Transform Transform { get; init; }

    /// <summary>Weight in distances; for the model, not applied to the values.</summary>
    public double Weight { get; init; } = 1;

    public MissingRule Missing { get; init; }

    /// <summary>The stand-in in natural units if <see cref="Missing"/> is <see cref="MissingRule.Value"/>.</summary>
    public double MissingValue { get; init; }

    /// <summary>Unit of the natural value: days, currency, share, count and so on.</summary>
    public required string Unit { get; init; }

    /// <summary>Words for customers far above the population, such as "frequent buyers".</summary>
    public required string High { get; init; }

    /// <summary>Words for customers far below it, such as "rare buyers".</summary>
    public required string Low { get; init; }
}

/// <summary>The four kinds of factor that a segmentation of customers rests on.</summary>
public enum FactorKind
{
    Behavioural,
    Demographic,
    Psychographic,
    Geographic,
}

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

/// <summary>From the natural value to the value that distances are measured in, before scaling.</summary>
public enum Transform
{
    None,

    /// <summary>log(1 + x); for counts, money and durations. Values below zero count as zero.</summary>
    Log1p,

    /// <summary>Square root, which turns Euclidean distance between shares into Hellinger distance.</summary>
    Sqrt,
}

/// <summary>What stands in when a customer has no value of a feature.</summary>
public enum MissingRule
{
    /// <summary>A fixed value in natural units.</summary>
    Value,

    /// <summary>Days since the customer's first event: who never bought has not bought for as long as we know them.</summary>
    AccountAge,

    /// <summary>NaN, which asks the model to impute the population's centre (the scaled value 0).</summary>
    Mean,
}
