namespace OrleansSegments.Engine.Models;

/// <summary>
/// Metrics of one training, stored with the model. Inertia is the sum of squared distances in scaled space over the population; silhouette
/// is the simplified form (own centre against second-nearest), from -1 to 1; shares are of the population. Comparisons with the previous
/// model are null for the first model.
/// </summary>
public sealed record ModelQuality
{
    public double Inertia { get; init; }

    public double Silhouette { get; init; }

    /// <summary>Between-segment share of the total variance, 0 to 1.</summary>
    public double VarianceExplained { get; init; }

    public double SmallestShare { get; init; }

    public double LargestShare { get; init; }

    public int Rounds { get; init; }

    /// <summary>Why the rounds stopped, for example <c>Settled</c>.</summary>
    public string StopReason { get; init; } = "";

    /// <summary>Origin of the winning centroids: <c>Warm</c>, <c>Challenger</c> or <c>First</c>.</summary>
    public string Origin { get; init; } = "";

    /// <summary>Agreement with the previous model on the same customers at the same instant; 1 is identity, 0 is chance.</summary>
    public double? AdjustedRandIndex { get; init; }

    /// <summary>Share of customers whose segment differs because of the new model alone.</summary>
    public double? Relabelled { get; init; }

    public IReadOnlyList<GateResult> Gates { get; init; } = [];
}

/// <summary>The result of one quality gate. Operators read the sentence in the model's history.</summary>
/// <param name="Name">Stable name, for example <c>countsAddUp</c>.</param>
/// <param name="Value">The measured value.</param>
/// <param name="Bound">The limit it was compared with.</param>
public sealed record GateResult(string Name, double Value, double Bound, bool Passed, string Sentence);
