namespace OrleansSegments.Engine.Features;

/// <summary>One validated entry of the catalogue. Its index in the catalogue is its index in every feature vector.</summary>
public sealed record FeatureDefinition
{
    public required string Name { get; init; }

    public required FactorKind Factor { get; init; }

    public required Aggregation Aggregation { get; init; }

    /// <summary>The source; for a ratio, the numerator.</summary>
    public required EventSource Source { get; init; }

    /// <summary>The denominator of a ratio; otherwise null.</summary>
    public EventSource? Denominator { get; init; }

    /// <summary>What a share counts; otherwise null.</summary>
    public ShareMatch? Match { get; init; }

    /// <summary>Infinite when nothing decays.</summary>
    public double HalfLifeMilliseconds { get; init; } = double.PositiveInfinity;

    /// <summary>Weight k of the prior, in the unit of the denominator; the value is (a + k m) / (b + k).</summary>
    public double PriorWeight { get; init; }

    /// <summary>Mean m of the prior.</summary>
    public double PriorMean { get; init; }

    public Transform Transform { get; init; }

    /// <summary>Weight in distances; used by the model, not applied to the values.</summary>
    public double Weight { get; init; } = 1;

    public MissingRule Missing { get; init; }

    /// <summary>The replacement in natural units when <see cref="Missing"/> is <see cref="MissingRule.Value"/>.</summary>
    public double MissingValue { get; init; }

    /// <summary>
    /// When the feature began to be collected, Unix milliseconds; 0 when it began with the store. Features that began at different times
    /// share no aggregate, so a new ratio does not divide by events from before its time.
    /// </summary>
    public long SinceMilliseconds { get; init; }

    /// <summary>Unit of the natural value: days, currency, share, count and so on.</summary>
    public required string Unit { get; init; }

    /// <summary>Phrase for customers far above the population, such as "frequent buyers".</summary>
    public required string High { get; init; }

    /// <summary>Phrase for customers far below it, such as "rare buyers".</summary>
    public required string Low { get; init; }

    /// <summary>True when events of this type and name count for it by themselves, not because all events do.</summary>
    public bool Reads(EventType type, string? name) =>
        Source.Events.Concat(Denominator?.Events ?? []).Any(pattern => !pattern.IsEverything && pattern.Matches(type, name));
}

/// <summary>The four kinds of segmentation factors.</summary>
public enum FactorKind
{
    Behavioural,
    Demographic,
    Psychographic,
    Geographic,
}

/// <summary>How one customer's events are reduced to one number. Every aggregation is independent of the order of events.</summary>
public enum Aggregation
{
    /// <summary>Sum of the weights 2^(-age / half-life) of the matching events.</summary>
    DecayedCount,

    /// <summary>Sum of value times weight.</summary>
    DecayedSum,

    /// <summary>Decayed sum divided by the decayed count of events with a value, shrunk to a prior.</summary>
    DecayedMean,

    /// <summary>One decayed sum (or count) divided by another, shrunk to a prior.</summary>
    Ratio,

    /// <summary>Number of different values ever seen, estimated by linear counting on 128 bits.</summary>
    Distinct,

    /// <summary>The value of the newest event that has one.</summary>
    Last,

    /// <summary>The value of the oldest event that has one.</summary>
    First,

    /// <summary>Days since the newest matching event.</summary>
    TimeSince,

    /// <summary>Days since the oldest matching event.</summary>
    TimeSinceFirst,

    /// <summary>Decayed weight of the matching part divided by the decayed weight of all, shrunk to a prior.</summary>
    Share,

    /// <summary>Decayed mean of the cosine of the local time of day, shrunk to zero.</summary>
    HourCos,

    /// <summary>Decayed mean of the sine of the local time of day, shrunk to zero.</summary>
    HourSin,

    /// <summary>Mean days between two matching events; requires two.</summary>
    IntervalMean,
}

/// <summary>Maps the natural value to the value that distances are measured in, before scaling.</summary>
public enum Transform
{
    None,

    /// <summary>log(1 + x), for counts, money and durations. Negative values count as zero.</summary>
    Log1p,

    /// <summary>Square root, which turns Euclidean distance between shares into Hellinger distance.</summary>
    Sqrt,
}

/// <summary>The replacement when a customer has no value of a feature.</summary>
public enum MissingRule
{
    /// <summary>A fixed value in natural units.</summary>
    Value,

    /// <summary>Days since the customer's first event: a customer who never bought has not bought since then.</summary>
    AccountAge,

    /// <summary>NaN, which the model replaces by the population's centre (the scaled value 0).</summary>
    Mean,
}
