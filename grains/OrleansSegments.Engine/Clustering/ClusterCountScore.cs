namespace OrleansSegments.Engine.Clustering;

/// <summary>What speaks for and against one K.</summary>
/// <param name="Stability">Mean adjusted Rand index between models of half-samples, labelling the whole sample.</param>
/// <param name="VarianceRatio">Calinski and Harabasz's ratio on the sample.</param>
/// <param name="Silhouette">Simplified silhouette; reported, never decides.</param>
/// <param name="IsEligible">Stable enough, and no cluster too small.</param>
public sealed record ClusterCountScore(
    int Count, double Stability, double VarianceRatio, double Silhouette, double SmallestShare, bool IsEligible);
