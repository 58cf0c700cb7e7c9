using Orleans;
using Orleans.Concurrency;
using OrleansSegments.Engine.Features;
using OrleansSegments.Engine.Scaling;
using OrleansSegments.Grains.Populations;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Segments;

/// <summary>
/// Owns the latest statistics. Key: 0. A crash loses them; the next call computes them again. Decayed values change every second, so a
/// running sum would be outdated at once; one pass over the population is exact and takes 0.3 s per million customers. Read interleaves
/// safely: it replaces the latest pass in one step.
/// </summary>
public sealed class StatisticsGrain : Grain, IStatisticsGrain
{
    /// <summary>Means are computed again when they are asked for and older than this: a pass reads everybody, and people do not notice five seconds.</summary>
    private static readonly TimeSpan AgeMax = TimeSpan.FromSeconds(5);

    private readonly PopulationSteps _steps;
    private readonly TimeProvider _clock;
    private readonly SharedPass<SegmentMeans> _pass;

    public StatisticsGrain(PopulationSteps steps, TimeProvider clock)
    {
        (_steps, _clock) = (steps, clock);
        _pass = new SharedPass<SegmentMeans>(AgeMax, clock, ComputeAsync, serves: static _ => true);
    }

    public Task<SegmentMeans> Read() => _pass.ReadAsync();

    private async Task<SegmentMeans> ComputeAsync()
    {
        DateTimeOffset asOf = _clock.GetUtcNow();
        PopulationSession session = await _steps.BeginAsync(CancellationToken.None);
        FeatureSums[][] results = await _steps.EachRangeAsync(
            session, (worker, part) => worker.AddUp(session.Ranges[part], asOf.ToUnixTimeMilliseconds()), CancellationToken.None);
        return new SegmentMeans(asOf, FeatureSums.MergeAll(results.SelectMany(r => r)));
    }
}

/// <summary>Statistics of all segments. A single grain (key 0), so that all silos share one pass.</summary>
[Alias("statistics")]
public interface IStatisticsGrain : IGrainWithIntegerKey
{
    /// <summary>The statistics, at most 5 s old when they are taken. Concurrent callers share one pass.</summary>
    [AlwaysInterleave, Alias("read"), ResponseTimeout("00:05:00")]
    Task<SegmentMeans> Read();
}

/// <summary>The sums of all segments at one moment.</summary>
[GenerateSerializer, Immutable, Alias("segment-means")]
public sealed record SegmentMeans([property: Id(0)] DateTimeOffset AsOf, [property: Id(1)] FeatureSums[] Segments);

/// <summary>Reads a range on this silo, for the statistics and for the map.</summary>
public sealed class StatisticsWork(ICustomerStore store, FeatureEngine features)
{
    /// <summary>Sums a range on the thread pool, outside the grain's turns.</summary>
    public Task<FeatureSums[]> AddUpAsync(IdRange range, long atMilliseconds) => Task.Run(async () =>
    {
        var sums = new Dictionary<int, FeatureSums>();
        await foreach (IReadOnlyList<StoredCustomer> page in store.ScanAsync(range, features.Catalogue, CancellationToken.None))
        {
            Add(sums, page, atMilliseconds);
        }

        return sums.Values.ToArray();
    });

    /// <summary>Reads the customers whose hash is at most <paramref name="hashMax"/>, with their scaled vectors.</summary>
    public Task<SampledCustomer[]> SampleAsync(IdRange range, ScalingValues scaling, long atMilliseconds, ulong hashMax) => Task.Run(async () =>
    {
        FeatureScaling scale = scaling.ToScaling();
        var sample = new List<SampledCustomer>();
        await foreach (IReadOnlyList<StoredCustomer> page in store.ScanAsync(range, features.Catalogue, CancellationToken.None))
        {
            sample.AddRange(page.Where(c => Engine.Clustering.StableHash.Of(c.CustomerId) <= hashMax)
                .Select(c => new SampledCustomer(c.CustomerId, c.Record.SegmentId, VectorOf(c, scale, atMilliseconds))));
        }

        return sample.ToArray();
    });

    private float[] VectorOf(StoredCustomer customer, FeatureScaling scaling, long atMilliseconds)
    {
        Span<double> values = stackalloc double[features.FeatureCount];
        features.Evaluate(customer.Record.State, atMilliseconds, values);
        var vector = new float[values.Length];
        scaling.Apply(values, vector);
        return vector;
    }

    private void Add(Dictionary<int, FeatureSums> sums, IReadOnlyList<StoredCustomer> page, long atMilliseconds)
    {
        Span<double> values = stackalloc double[features.FeatureCount];
        foreach (StoredCustomer customer in page)
        {
            int segmentId = customer.Record.SegmentId;
            if (!sums.TryGetValue(segmentId, out FeatureSums? sum))
            {
                sums[segmentId] = sum = new FeatureSums(segmentId, values.Length);
            }

            features.EvaluateNatural(customer.Record.State, atMilliseconds, values);
            sum.Add(values);
        }
    }
}
