using System.Diagnostics;
using Microsoft.Extensions.Options;
using OrleansSegments.Engine.Features;
using OrleansSegments.Grains.Populations;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Segments;

/// <summary>
/// Means per feature and segment over the whole population, computed when asked for and kept for a few seconds. Decayed values change with
/// every second, so a running sum would be wrong as soon as it was taken; one pass over the population is right and takes 0.3 s a million.
/// </summary>
public sealed class SegmentStatistics(
    PopulationReader population, FeatureEngine features, IOptions<SegmentOptions> options, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private Task<StatisticsSnapshot>? _latest;
    private long _startedAt;

    /// <summary>The statistics, at most <see cref="SegmentOptions.StatisticsAgeMax"/> old. Concurrent callers share one pass.</summary>
    public Task<StatisticsSnapshot> ReadAsync()
    {
        lock (_gate)
        {
            bool fresh = _latest is { IsFaulted: false }
                && (!_latest.IsCompleted || Stopwatch.GetElapsedTime(_startedAt) < options.Value.StatisticsAgeMax);
            if (!fresh)
            {
                _startedAt = Stopwatch.GetTimestamp();
                _latest = ComputeAsync();
            }

            return _latest!;
        }
    }

    private async Task<StatisticsSnapshot> ComputeAsync()
    {
        DateTimeOffset asOf = clock.GetUtcNow();
        long atMilliseconds = asOf.ToUnixTimeMilliseconds();
        int workers = Environment.ProcessorCount;
        var sums = new Dictionary<int, FeatureSums>[workers];
        for (int i = 0; i < workers; i++)
        {
            sums[i] = [];
        }

        await population.ReadAllAsync(workers, (worker, batch) => Add(sums[worker], batch, atMilliseconds), CancellationToken.None);
        return new StatisticsSnapshot(asOf, [.. features.Catalogue.Features.Select(f => f.Name)], Means(sums));
    }

    private void Add(Dictionary<int, FeatureSums> sums, IReadOnlyList<StoredCustomer> batch, long atMilliseconds)
    {
        Span<double> values = stackalloc double[features.Catalogue.FeatureCount];
        foreach (StoredCustomer customer in batch)
        {
            if (!sums.TryGetValue(customer.Record.SegmentId, out FeatureSums? sum))
            {
                sums[customer.Record.SegmentId] = sum = new FeatureSums(values.Length);
            }

            features.EvaluateNatural(customer.Record.State, atMilliseconds, values);
            sum.Add(values);
        }
    }

    private static Dictionary<int, double[]> Means(Dictionary<int, FeatureSums>[] parts) =>
        parts.SelectMany(p => p).GroupBy(p => p.Key, p => p.Value).ToDictionary(g => g.Key, g => g.Aggregate((a, b) => a.Merge(b)).Means());

    private sealed class FeatureSums(int dimensions)
    {
        private readonly double[] _sums = new double[dimensions];
        private readonly long[] _counts = new long[dimensions];

        public void Add(ReadOnlySpan<double> values)
        {
            for (int d = 0; d < values.Length; d++)
            {
                if (double.IsFinite(values[d]))
                {
                    _sums[d] += values[d];
                    _counts[d]++;
                }
            }
        }

        public FeatureSums Merge(FeatureSums other)
        {
            for (int d = 0; d < _sums.Length; d++)
            {
                _sums[d] += other._sums[d];
                _counts[d] += other._counts[d];
            }

            return this;
        }

        public double[] Means() => [.. _sums.Zip(_counts, (sum, count) => sum / count)];
    }
}
