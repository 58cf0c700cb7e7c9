using Orleans;
using Orleans.Concurrency;
using OrleansSegments.Contracts.Customers;

namespace OrleansSegments.Grains.Populations;

/// <summary>
/// One silo's hand in work on the whole population. Key: the silo's name, which is also where the grain is placed. Every call says all that is
/// needed for its range, so that any silo can do any range, and doing one again changes nothing that is already done.
/// </summary>
[Alias("population-worker")]
public interface IPopulationWorker : IGrainWithStringKey
{
    /// <summary>Completes when the model, or a later one, is in force on this silo.</summary>
    [AlwaysInterleave, Alias("await-model"), ResponseTimeout("00:01:00")]
    Task AwaitModel(int version);

    /// <summary>Evaluates every customer of a range under the model; who moves changes segment, the others get their new deadline.</summary>
    [AlwaysInterleave, Alias("roll-out"), ResponseTimeout("00:10:00")]
    Task<RolloutResult> RollOut(IdRange range, int modelVersion);

    /// <summary>Takes note that every customer was evaluated under the model.</summary>
    [AlwaysInterleave, Alias("end-rollout")]
    Task EndRollout(int version);

    /// <summary>Evaluates customers of this silo under the model that is in force; the answers are in their order.</summary>
    [AlwaysInterleave, Alias("reconsider"), ResponseTimeout("00:01:00")]
    Task<ReconsiderReceipt[]> Reconsider(string[] customerIds, ReconsiderReason reason);

    /// <summary>Gathers the customers of a range and sketches every feature.</summary>
    [AlwaysInterleave, Alias("sketch"), ResponseTimeout("00:10:00")]
    Task<SketchResult> Sketch(TrainingShare share);

    /// <summary>Scales the vectors and draws the sample.</summary>
    [AlwaysInterleave, Alias("sample"), ResponseTimeout("00:10:00")]
    Task<SampleResult> Sample(TrainingShare share, ScalingValues scaling);

    /// <summary>Labels every customer under the centroids and sums up.</summary>
    /// <param name="previous">The centroids of the round before, null for the first: whoever takes a range up in the middle must know which customers changed their label.</param>
    [AlwaysInterleave, Alias("round"), ResponseTimeout("00:10:00")]
    Task<RoundResult> Round(TrainingShare share, ScalingValues scaling, CentroidValues? previous, CentroidValues centroids);

    /// <summary>Describes the clusters of the final centroids: for names, identities and gates.</summary>
    [AlwaysInterleave, Alias("describe"), ResponseTimeout("00:10:00")]
    Task<EvidenceResult> Describe(TrainingShare share, ScalingValues scaling, CentroidValues centroids);

    /// <summary>Lets go of what was kept for a training.</summary>
    [AlwaysInterleave, Alias("end-training")]
    Task EndTraining(Guid session);

    /// <summary>Adds up every feature of the range's customers, by segment, in natural units at one instant.</summary>
    [AlwaysInterleave, Alias("add-up"), ResponseTimeout("00:10:00")]
    Task<FeatureSums[]> AddUp(IdRange range, long atMilliseconds);
}

/// <summary>What came of a range of a roll-out.</summary>
/// <param name="Evaluated">Customers of the range.</param>
/// <param name="Moved">Of those, how many the model moved to another segment.</param>
[GenerateSerializer, Immutable, Alias("rollout-result")]
public readonly record struct RolloutResult([property: Id(0)] long Evaluated, [property: Id(1)] long Moved);

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
