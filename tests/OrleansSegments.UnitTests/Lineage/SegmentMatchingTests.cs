using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Lineage;
using OrleansSegments.Engine.Models;
using OrleansSegments.UnitTests.Models;
using Xunit;

namespace OrleansSegments.UnitTests.Lineage;

public sealed class SegmentMatchingTests
{
    private static readonly SegmentModel Old = TestModels.With(new CentroidSet(3, 1, [0, 1, 2]));

    [Fact]
    public void Segments_keep_their_ids_when_clusters_come_back_in_another_order()
    {
        SegmentMatch match = Match(new CentroidSet(3, 1, [2, 0, 1]), [5, 90, 0, 0, 10, 80, 100, 0, 0]);

        Assert.Equal([Old.SegmentIds[2], Old.SegmentIds[0], Old.SegmentIds[1]], match.SegmentIds);
        Assert.Equal([2, 0, 1], match.OldIndexOf);
        Assert.Equal(15 / 285.0, match.Relabelled, 12);
        Assert.Equal(Old.NextSegmentId, match.NextSegmentId);
        Assert.All(match.Lineage, r => Assert.Equal(LineageKind.Survived, r.Kind));
    }

    [Fact]
    public void A_split_is_told_and_its_smaller_half_gets_a_new_id()
    {
        SegmentMatch match = Match(new CentroidSet(4, 1, [0, 0.1f, 1, 2]), [60, 40, 0, 0, 0, 0, 100, 0, 0, 0, 0, 100]);

        Assert.Equal([Old.SegmentIds[0], Old.NextSegmentId, Old.SegmentIds[1], Old.SegmentIds[2]], match.SegmentIds);
        LineageRecord split = match.Lineage.Single(r => r.Kind == LineageKind.Split);
        Assert.Equal([Old.SegmentIds[0], Old.NextSegmentId], split.NewSegmentIds);
        LineageRecord emerged = match.Lineage.Single(r => r.Kind == LineageKind.Emerged);
        Assert.Equal(Old.SegmentIds[0], emerged.OldSegmentId);
        Assert.Equal(Old.NextSegmentId + 1, match.NextSegmentId);
    }

    [Fact]
    public void A_small_segment_that_joins_a_large_one_is_absorbed()
    {
        SegmentMatch match = Match(new CentroidSet(2, 1, [0, 2]), [100, 0, 20, 0, 0, 100]);

        Assert.Equal([Old.SegmentIds[0], Old.SegmentIds[2]], match.SegmentIds);
        LineageRecord absorbed = match.Lineage.Single(r => r.Kind == LineageKind.Absorbed);
        Assert.Equal((Old.SegmentIds[1], Old.SegmentIds[0]), (absorbed.OldSegmentId!.Value, absorbed.NewSegmentIds[0]));
    }

    [Fact]
    public void A_segment_whose_customers_are_spread_has_vanished()
    {
        SegmentMatch match = Match(new CentroidSet(5, 1, [0, 2, 3, 4, 5]),
            [100, 0, 0, 0, 0, 4, 4, 4, 4, 4, 0, 100, 100, 100, 100]);

        Assert.Contains(match.Lineage, r => r.Kind == LineageKind.Vanished && r.OldSegmentId == Old.SegmentIds[1]);
        Assert.DoesNotContain(Old.SegmentIds[1], match.SegmentIds);
    }

    [Fact]
    public void Of_equal_overlaps_the_nearer_centroid_wins()
    {
        SegmentModel two = TestModels.With(new CentroidSet(2, 1, [0, 1]));
        var even = new Contingency(2, 2, [50, 50, 50, 50]);

        Assert.Equal([1, 0], SegmentMatching.Match(two, new CentroidSet(2, 1, [1, 0]), even).OldIndexOf);
        Assert.Equal([0, 1], SegmentMatching.Match(two, new CentroidSet(2, 1, [0, 1]), even).OldIndexOf);
    }

    [Fact]
    public void Nobody_inherits_the_identity_of_everyone()
    {
        SegmentModel bootstrap = SegmentModel.Bootstrap(1, ["f"], DateTimeOffset.UnixEpoch);

        SegmentMatch match = SegmentMatching.Match(bootstrap, new CentroidSet(2, 1, [0, 1]), new Contingency(1, 2, [90, 10]));

        Assert.Equal([1, 2], match.SegmentIds);
        Assert.Equal(3, match.NextSegmentId);
    }

    private static SegmentMatch Match(CentroidSet centroids, long[] cells) =>
        SegmentMatching.Match(Old, centroids, new Contingency(3, centroids.Count, cells));
}
