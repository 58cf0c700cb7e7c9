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
