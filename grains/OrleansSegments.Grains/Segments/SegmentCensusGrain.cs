using Orleans;
using Orleans.Concurrency;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.Grains.Models;
using OrleansSegments.Grains.Segments.Statistics;
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
