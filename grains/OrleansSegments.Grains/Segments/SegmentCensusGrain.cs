using Orleans;
using Orleans.Concurrency;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.Engine.Features;
using OrleansSegments.Grains.Models;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Totals;

namespace OrleansSegments.Grains.Segments;

/// <summary>Counts all segments from the totals of one commit. Owns nothing.</summary>
[StatelessWorker]
public sealed class SegmentCensusGrain(ICustomerStore store, ModelCache models, SegmentStatistics statistics, TimeProvider clock)
    : Grain, ISegmentCensus
{
    public async ValueTask<SegmentCensus> Take(bool withStatistics)
    {
        StatisticsSnapshot? means = withStatistics ? await statistics.ReadAsync() : null;
        LiveModel model = models.Current;
        SegmentTotals totals = store.Totals;
        DateTimeOffset now = clock.GetUtcNow();
        IEnumerable<int> segmentIds = model.Model.SegmentIds.Union(totals.SizeBySegmentId.Keys).Order();
        return new SegmentCensus(
            now,
            model.Version,
            totals.Population,
            totals.Sequence,
            means?.AsOf,
            [.. segmentIds.Select(id => Count(id, model, totals, means))]);
    }

    private static SegmentCount Count(int segmentId, LiveModel model, SegmentTotals totals, StatisticsSnapshot? means)
    {
        long size = totals.SizeOf(segmentId);
        double share = totals.Population == 0 ? 0 : (double)size / totals.Population;
        DistinguishingFeature[] features = model.Holds(segmentId) ? ModelDocuments.Distinguishing(model.Model, model.IndexOf(segmentId)) : [];
        return new SegmentCount(SegmentKey.Of(segmentId), model.NameOf(segmentId), size, share, features, means?.MeansOf(segmentId));
    }
}

/// <summary>Means per feature and segment over the whole population, computed on demand and cached for a few seconds.</summary>
public sealed class SegmentStatistics(IGrainFactory grains, FeatureEngine features)
{
    public async Task<StatisticsSnapshot> ReadAsync()
    {
        SegmentMeans latest = await grains.GetGrain<IStatisticsGrain>(0).Read();
        return new StatisticsSnapshot(
            latest.AsOf, [.. features.Catalogue.Features.Select(f => f.Name)], latest.Segments.ToDictionary(s => s.SegmentId, s => s.Means()));
    }
}

/// <summary>Means per feature and segment at one moment, in natural units.</summary>
/// <param name="MeansBySegmentId">D means per segment; NaN when no member has a value.</param>
public sealed record StatisticsSnapshot(DateTimeOffset AsOf, IReadOnlyList<string> FeatureNames, IReadOnlyDictionary<int, double[]> MeansBySegmentId)
{
    /// <summary>Means by feature name; empty for a segment without members.</summary>
    public Dictionary<string, double> MeansOf(int segmentId) =>
        MeansBySegmentId.TryGetValue(segmentId, out double[]? means)
            ? FeatureNames.Index().Where(f => double.IsFinite(means[f.Index])).ToDictionary(f => f.Item, f => means[f.Index])
            : [];
}
