using Microsoft.Extensions.Options;
using Orleans;
using OrleansSegments.Grains.Populations;

namespace OrleansSegments.Grains.Segments.Statistics;

/// <summary>
/// Owns the latest statistics. Key: 0. A crash loses them; the next question computes them again. Decayed values change with every second, so
/// a running sum would be wrong as soon as it was taken; one pass over the population is right and takes 0.3 s a million. Reading
/// interleaves: it replaces the latest pass in one step.
/// </summary>
public sealed class StatisticsGrain(PopulationSteps steps, IOptions<SegmentOptions> options, TimeProvider clock) : Grain, IStatisticsGrain
{
    private Task<SegmentMeans>? _latest;
    private long _startedAt;

    public Task<SegmentMeans> Read()
    {
        bool isFresh = _latest is { IsFaulted: false, IsCanceled: false }
            && (!_latest.IsCompleted || clock.GetElapsedTime(_startedAt) < options.Value.StatisticsAgeMax);
        if (!isFresh)
        {
            _startedAt = clock.GetTimestamp();
            _latest = ComputeAsync();
        }

        return _latest!;
    }

    private async Task<SegmentMeans> ComputeAsync()
    {
        DateTimeOffset asOf = clock.GetUtcNow();
        PopulationSession session = await steps.BeginAsync(CancellationToken.None);
        FeatureSums[][] results = await steps.EachRangeAsync(
            session, (worker, part) => worker.AddUp(session.Ranges[part], asOf.ToUnixTimeMilliseconds()), CancellationToken.None);
        return new SegmentMeans(asOf, FeatureSums.MergeAll(results.SelectMany(r => r)));
    }
}
