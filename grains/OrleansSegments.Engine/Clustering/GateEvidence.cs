namespace OrleansSegments.Engine.Clustering;

/// <summary>What the gates look at. Figures that compare with the published model are null where there is none, and their gates are skipped.</summary>
public sealed record GateEvidence
{
    /// <summary>Customers that the directory (the store) says exist.</summary>
    public required long PopulationExpected { get; init; }

    /// <summary>The merged final round.</summary>
    public required RoundSums Sums { get; init; }

    /// <summary>The merged audit of the matrices.</summary>
    public required MatrixAudit Audit { get; init; }

    /// <summary>The population of the published model.</summary>
    public long? PopulationBefore { get; init; }

    /// <summary>Inertia of the published centroids on the same matrix; null also when the scaling or K is another.</summary>
    public double? InertiaBefore { get; init; }

    public double? SilhouetteBefore { get; init; }

    public double? Relabelled { get; init; }

    public double? AdjustedRandIndex { get; init; }

    /// <summary>Clusters whose old centre is kept though they are starved; they do not count for the smallest share.</summary>
    public int KeptStarved { get; init; }
}
