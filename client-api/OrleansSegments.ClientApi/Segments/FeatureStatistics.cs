namespace OrleansSegments.ClientApi.Segments;

/// <summary>One feature over a segment's members, in natural units.</summary>
internal readonly record struct FeatureStatistics(double Mean);
