using Orleans;

namespace OrleansSegments.Grains.Segments.Statistics;

/// <summary>One segment's sums over some customers: D sums, and beside each how many customers have a value.</summary>
[GenerateSerializer, Immutable, Alias("feature-sums")]
public sealed record FeatureSums([property: Id(0)] int SegmentId, [property: Id(1)] double[] Sums, [property: Id(2)] long[] Counts)
{
    public FeatureSums(int segmentId, int dimensions)
        : this(segmentId, new double[dimensions], new long[dimensions])
    {
    }

    /// <summary>Counts one more customer in; only while it is not handed on.</summary>
    public void Add(ReadOnlySpan<double> values)
    {
        for (int d = 0; d < values.Length; d++)
        {
            if (double.IsFinite(values[d]))
            {
                Sums[d] += values[d];
                Counts[d]++;
            }
        }
    }

    public FeatureSums Merge(FeatureSums other) => new(
        SegmentId, [.. Sums.Zip(other.Sums, (a, b) => a + b)], [.. Counts.Zip(other.Counts, (a, b) => a + b)]);

    /// <summary>NaN where no customer has a value.</summary>
    public double[] Means() => [.. Sums.Zip(Counts, (sum, count) => sum / count)];

    /// <summary>The sums of each segment over all parts.</summary>
    public static FeatureSums[] MergeAll(IEnumerable<FeatureSums> parts) =>
        [.. parts.GroupBy(p => p.SegmentId).Select(g => g.Aggregate((a, b) => a.Merge(b)))];
}
