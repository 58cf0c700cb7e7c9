namespace OrleansSegments.Grains.Segments.Statistics;

/// <summary>Means per feature and segment at one moment, natural units.</summary>
/// <param name="MeansBySegmentId">D means per segment; NaN where no member has a value.</param>
public sealed record StatisticsSnapshot(DateTimeOffset AsOf, IReadOnlyList<string> FeatureNames, IReadOnlyDictionary<int, double[]> MeansBySegmentId)
{
    /// <summary>By feature name; empty for a segment without members.</summary>
    public Dictionary<string, double> MeansOf(int segmentId) =>
        MeansBySegmentId.TryGetValue(segmentId, out double[]? means)
            ? FeatureNames.Index().Where(f => double.IsFinite(means[f.Index])).ToDictionary(f => f.Item, f => means[f.Index])
            : [];
}
