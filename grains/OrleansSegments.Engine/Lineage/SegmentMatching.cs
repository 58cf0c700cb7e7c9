using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Models;

namespace OrleansSegments.Engine.Lineage;

/// <summary>
/// Assigns segment ids from one model to the next by optimal assignment on 1 - Jaccard of the same customers under both models; at equal
/// overlap the nearer centroid wins. Below the minimum Jaccard index a cluster gets a new id; ended ids are never reused. Centroid distance
/// alone fails when a segment splits; the contingency table does not.
/// </summary>
public static class SegmentMatching
{
    public const double JaccardMinDefault = 0.3;

    private const double SplitShareMin = 0.25;
    private const double MajorityShare = 0.5;

    /// <summary>Weight of the distance in the cost: too small to outweigh one customer in ten million.</summary>
    private const double DistanceWeight = 1e-9;

    /// <param name="table">Clusters of <paramref name="old"/> x clusters of the new model.</param>
    /// <param name="centroids">The new centroids, in the scaled space of the old model or close to it.</param>
    public static SegmentMatch Match(
        SegmentModel old, CentroidSet centroids, Contingency table, double jaccardMin = JaccardMinDefault)
    {
        if (table.OldCount != old.SegmentCount || table.NewCount != centroids.Count)
        {
            throw new ArgumentException(
                $"The table is {table.OldCount} x {table.NewCount}; the models have {old.SegmentCount} and {centroids.Count} segments.");
        }

        int[] oldIndexOf = old.IsBootstrap ? Unmatched(centroids.Count) : Partners(old, centroids, table, jaccardMin);
        int next = old.NextSegmentId;
        int[] ids = [.. oldIndexOf.Select(i => i >= 0 ? old.SegmentIds[i] : next++)];
        long stayed = 0;
        for (int j = 0; j < ids.Length; j++)
        {
            stayed += oldIndexOf[j] >= 0 ? table[oldIndexOf[j], j] : 0;
        }

        double relabelled = table.Total == 0 ? 0 : 1 - ((double)stayed / table.Total);
        return new SegmentMatch(ids, next, Describe(old, ids, oldIndexOf, table), relabelled, oldIndexOf);
    }

    private static int[] Unmatched(int count)
    {
        var none = new int[count];
        Array.Fill(none, -1);
        return none;
    }

    private static int[] Partners(SegmentModel old, CentroidSet centroids, Contingency table, double jaccardMin)
    {
        int oldCount = table.OldCount;
        bool sameFeatures = old.Centroids.Dimensions == centroids.Dimensions;
        var cost = new double[oldCount, table.NewCount];
        for (int i = 0; i < oldCount; i++)
        {
            for (int j = 0; j < table.NewCount; j++)
            {
                double distance = sameFeatures ? old.Centroids.Distance(i, centroids[j]) : 0;
                cost[i, j] = 1 - table.Jaccard(i, j) + (DistanceWeight * distance / (1 + distance));
            }
        }

        int[] oldIndexOf = Unmatched(table.NewCount);
        int[] columnOfRow = OptimalAssignment.Solve(cost);
        for (int i = 0; i < oldCount; i++)
        {
            if (columnOfRow[i] is >= 0 and var j && table.Jaccard(i, j) >= jaccardMin)
            {
                oldIndexOf[j] = i;
            }
        }

        return oldIndexOf;
    }

    private static List<LineageRecord> Describe(SegmentModel old, int[] ids, int[] oldIndexOf, Contingency table)
    {
        var records = new List<LineageRecord>();
        for (int i = 0; i < table.OldCount; i++)
        {
            records.AddRange(FateOf(i, old.SegmentIds[i], ids, Array.IndexOf(oldIndexOf, i), table));
        }

        for (int j = 0; j < ids.Length; j++)
        {
            if (oldIndexOf[j] < 0)
            {
                int parent = Enumerable.Range(0, table.OldCount).MaxBy(i => table[i, j]);
                double share = Share(table[parent, j], table.NewSize(j));
                records.Add(new LineageRecord(
                    LineageKind.Emerged, share >= MajorityShare ? old.SegmentIds[parent] : null, [ids[j]], share));
            }
        }

        return records;
    }

    private static IEnumerable<LineageRecord> FateOf(int old, int oldId, int[] ids, int successor, Contingency table)
    {
        long size = table.OldSize(old);
        int[] pieces = [.. Enumerable.Range(0, ids.Length).Where(j => Share(table[old, j], size) >= SplitShareMin)];
        double together = pieces.Sum(j => Share(table[old, j], size));
        if (pieces.Length >= 2 && together >= MajorityShare)
        {
            yield return new LineageRecord(LineageKind.Split, oldId, [.. pieces.Select(j => ids[j])], together);
        }

        if (successor >= 0)
        {
            yield return new LineageRecord(LineageKind.Survived, oldId, [oldId], Share(table[old, successor], size));
        }
        else if (pieces.Length < 2)
        {
            int heir = Enumerable.Range(0, ids.Length).MaxBy(j => table[old, j]);
            double share = Share(table[old, heir], size);
            yield return share >= MajorityShare
                ? new LineageRecord(LineageKind.Absorbed, oldId, [ids[heir]], share)
                : new LineageRecord(LineageKind.Vanished, oldId, [], share);
        }
    }

    private static double Share(long part, long whole) => whole == 0 ? 0 : (double)part / whole;
}

/// <summary>The segment ids of a new model's clusters.</summary>
/// <param name="SegmentIds">Id per new centroid.</param>
/// <param name="NextSegmentId">The id of the next new segment.</param>
/// <param name="Lineage">What happened to every old segment, and which segments are new.</param>
/// <param name="Relabelled">Share of the customers whose segment id differs under the two models.</param>
/// <param name="OldIndexOf">Index of the old centroid that each new one continues, or -1.</param>
public sealed record SegmentMatch(
    int[] SegmentIds, int NextSegmentId, IReadOnlyList<LineageRecord> Lineage, double Relabelled, int[] OldIndexOf);

/// <summary>One lineage entry.</summary>
/// <param name="OldSegmentId">The old segment; for an emerged one the segment that most of its customers came from, or null.</param>
/// <param name="NewSegmentIds">The segments that continue it; empty if it vanished.</param>
/// <param name="Share">Share of the old segment's customers that the new ones hold; for an emerged segment, the share of its own customers
/// that came from the named old segment, if any.</param>
public sealed record LineageRecord(LineageKind Kind, int? OldSegmentId, IReadOnlyList<int> NewSegmentIds, double Share);

/// <summary>What happened to a segment from one model to the next, in the terms of MONIC (Spiliopoulou et al. 2006).</summary>
public enum LineageKind
{
    /// <summary>Keeps its id.</summary>
    Survived,

    /// <summary>Two or more new clusters hold at least a quarter of its customers each, and together at least half.</summary>
    Split,

    /// <summary>Ended; at least half of its customers are in one segment that has another id.</summary>
    Absorbed,

    /// <summary>Ended; its customers are spread over several segments.</summary>
    Vanished,

    /// <summary>New; no old segment's id fits.</summary>
    Emerged,
}
