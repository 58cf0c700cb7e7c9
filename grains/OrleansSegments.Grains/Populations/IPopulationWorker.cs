using Orleans;
using Orleans.Concurrency;
using OrleansSegments.Contracts.Customers;

namespace OrleansSegments.Grains.Populations;

/// <summary>
/// One silo's worker for work on the whole population. Key: the silo's name, which also determines the placement. Every call contains all
/// that its range needs, so any silo can process any range, and a repeated call changes nothing that is already done.
/// </summary>
[Alias("population-worker")]
public interface IPopulationWorker : IGrainWithStringKey
{
    /// <summary>Completes when this silo uses the model or a later one.</summary>
    [AlwaysInterleave, Alias("await-model"), ResponseTimeout("00:01:00")]
    Task AwaitModel(int version);

    /// <summary>Evaluates every customer of a range under the model: movers change segment, the others get a new deadline.</summary>
    [AlwaysInterleave, Alias("roll-out"), ResponseTimeout("00:10:00")]
    Task<RolloutResult> RollOut(IdRange range, int modelVersion);

    /// <summary>Records that every customer was evaluated under the model.</summary>
    [AlwaysInterleave, Alias("end-rollout")]
    Task EndRollout(int version);

    /// <summary>Evaluates customers of this silo under the current model; the answers are in their order.</summary>
    [AlwaysInterleave, Alias("reconsider"), ResponseTimeout("00:01:00")]
    Task<ReconsiderReceipt[]> Reconsider(string[] customerIds, ReconsiderReason reason);

    /// <summary>Loads the customers of a range and builds a quantile sketch of every feature.</summary>
    [AlwaysInterleave, Alias("sketch"), ResponseTimeout("00:10:00")]
    Task<SketchResult> Sketch(TrainingShare share);

    /// <summary>Scales the vectors and draws the sample.</summary>
    [AlwaysInterleave, Alias("sample"), ResponseTimeout("00:10:00")]
    Task<SampleResult> Sample(TrainingShare share, ScalingValues scaling);

    /// <summary>Assigns every customer to its nearest centroid and returns the sums of the round.</summary>
    /// <param name="previous">The centroids of the previous round, null in the first: a silo that takes over a range needs them to count
    /// changed labels.</param>
    [AlwaysInterleave, Alias("round"), ResponseTimeout("00:10:00")]
    Task<RoundResult> Round(TrainingShare share, ScalingValues scaling, CentroidValues? previous, CentroidValues centroids);

    /// <summary>Describes the final clusters, for names, identities and quality gates.</summary>
    [AlwaysInterleave, Alias("describe"), ResponseTimeout("00:10:00")]
    Task<EvidenceResult> Describe(TrainingShare share, ScalingValues scaling, CentroidValues centroids);

    /// <summary>Frees what was kept for a training.</summary>
    [AlwaysInterleave, Alias("end-training")]
    Task EndTraining(Guid session);

    /// <summary>Sums every feature of the range's customers by segment, in natural units at one instant.</summary>
    [AlwaysInterleave, Alias("add-up"), ResponseTimeout("00:10:00")]
    Task<FeatureSums[]> AddUp(IdRange range, long atMilliseconds);

    /// <summary>Reads the range's customers with a hash of the id of at most <paramref name="hashMax"/>, for the map.</summary>
    [AlwaysInterleave, Alias("sample-customers"), ResponseTimeout("00:10:00")]
    Task<SampledCustomer[]> SampleCustomers(IdRange range, ScalingValues scaling, long atMilliseconds, ulong hashMax);
}

/// <summary>Result of rolling out a model to one range.</summary>
/// <param name="Evaluated">Number of customers in the range.</param>
/// <param name="Moved">Number of those that changed segment.</param>
[GenerateSerializer, Immutable, Alias("rollout-result")]
public readonly record struct RolloutResult([property: Id(0)] long Evaluated, [property: Id(1)] long Moved);

/// <summary>A customer of a sample.</summary>
/// <param name="SegmentId">The segment that it counts in.</param>
/// <param name="Vector">D scaled values.</param>
[GenerateSerializer, Immutable, Alias("sampled-customer")]
public readonly record struct SampledCustomer(
    [property: Id(0)] string CustomerId, [property: Id(1)] int SegmentId, [property: Id(2)] float[] Vector);

/// <summary>One segment's feature sums over some customers: D sums, and for each the number of customers with a value.</summary>
[GenerateSerializer, Immutable, Alias("feature-sums")]
public sealed record FeatureSums([property: Id(0)] int SegmentId, [property: Id(1)] double[] Sums, [property: Id(2)] long[] Counts)
{
    public FeatureSums(int segmentId, int dimensions)
        : this(segmentId, new double[dimensions], new long[dimensions])
    {
    }

    /// <summary>Adds one customer; not allowed after the instance was passed on.</summary>
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
