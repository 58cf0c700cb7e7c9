namespace OrleansSegments.Engine.Models;

/// <summary>
/// Figures of one training, kept with the model. Inertia is the sum of squared distances in scaled space over the population;
/// silhouette is the simplified form (own centre against second-nearest), from -1 to 1; shares are of the population.
/// Figures that compare with the model before are null for the first model.
/// </summary>
public sealed record ModelQuality
{
    public double Inertia { get; init; }

    public double Silhouette { get; init; }

    /// <summary>Share of the total variance that lies between the segments, 0 to 1.</summary>
    public double VarianceExplained { get; init; }

    public double SmallestShare { get; init; }

    public double LargestShare { get; init; }

    public int Rounds { get; init; }

    /// <summary>Why the rounds ended, for example <c>Settled</c>.</summary>
    public string StopReason { get; init; } = "";

    /// <summary>Where the winning centroids came from: <c>Warm</c>, <c>Challenger</c> or <c>First</c>.</summary>
    public string Origin { get; init; } = "";

    /// <summary>Agreement with the model before on the same customers at the same instant; 1 is identity, 0 is chance.</summary>
    public double? AdjustedRandIndex { get; init; }

    /// <summary>Share of customers that change segment by the change of model alone.</summary>
    public double? Relabelled { get; init; }

    public IReadOnlyList<GateResult> Gates { get; init; } = [];
}

/// <summary>One quality gate's answer. The sentence is what an operator reads in the model's history.</summary>
/// <param name="Name">Stable name, for example <c>countsAddUp</c>.</param>
/// <param name="Value">What was measured.</param>
/// <param name="Bound">What it was held against.</param>
public sealed record GateResult(string Name, double Value, double Bound, bool Passed, string Sentence);
