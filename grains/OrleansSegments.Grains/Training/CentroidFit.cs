using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Models;

namespace OrleansSegments.Grains.Training;

/// <summary>Runs exact Lloyd rounds over all parts, one thread a part; the merged sums are the same however the rows are spread.</summary>
internal static class CentroidFit
{
    public static async Task<LloydRun> RunAsync(TrainingPart[] parts, CentroidSet start, CancellationToken cancellationToken)
    {
        var run = new LloydRun(start);
        RoundSums sums;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            CentroidSet centroids = run.Centroids;
            sums = RoundSums.MergeAll(await Task.WhenAll(parts.Select(part => Task.Run(() => part.Rows.Accumulate(centroids), cancellationToken))));
        }
        while (!run.Advance(sums));

        return run;
    }

    /// <summary>Sums of the parts under given centroids, which also labels their rows.</summary>
    public static async Task<RoundSums> MeasureAsync(TrainingPart[] parts, CentroidSet centroids) =>
        RoundSums.MergeAll(await Task.WhenAll(parts.Select(part => Task.Run(() => part.Rows.Accumulate(centroids)))));
}
