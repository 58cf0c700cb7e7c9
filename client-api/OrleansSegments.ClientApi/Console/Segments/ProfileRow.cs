using OrleansSegments.Contracts.Segments;

namespace OrleansSegments.ClientApi.Console.Segments;

/// <summary>A feature's mean in a segment beside the mean of everybody, in natural units.</summary>
/// <param name="Ratio">The first divided by the second; null when one of them is missing or negative, or everybody's is zero.</param>
internal sealed record ProfileRow(string Feature, double Own, double All, double? Ratio)
{
    /// <summary>What differs most comes first.</summary>
    /// <param name="census">With statistics.</param>
    public static ProfileRow[] Of(string id, SegmentCensus census)
    {
        var own = census.Segments.FirstOrDefault(count => count.Id == id)?.FeatureMeans ?? [];
        return [.. own.Select(mean => Of(mean.Key, mean.Value, census)).OrderByDescending(row => Math.Abs(Math.Log2(row.Ratio is { } ratio and > 0 ? ratio : 1)))];
    }

    private static ProfileRow Of(string feature, double own, SegmentCensus census)
    {
        var having = census.Segments.Where(count => count.FeatureMeans?.ContainsKey(feature) == true).ToArray();
        var members = having.Sum(count => count.Size);
        var all = members == 0 ? double.NaN : having.Sum(count => count.FeatureMeans![feature] * count.Size) / members;
        return new ProfileRow(feature, own, all, all > 0 && own >= 0 ? own / all : null);
    }
}
