using Microsoft.Extensions.Options;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Features;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Scaling;
using OrleansSegments.Grains.Models;
using OrleansSegments.Grains.Populations;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Training;

/// <summary>
/// Recomputes the centroids over the whole population at one as-of instant: gathers, scales, runs exact Lloyd rounds on all parts side by
/// side, matches the result with the published segments, asks the quality gates. Pure but for the reading; the grain owns the schedule.
/// </summary>
public sealed class SegmentTrainer(
    PopulationReader reader, FeatureEngine features, ICustomerStore store, IOptions<TrainingScheduleOptions> options, TimeProvider clock)
{
    /// <summary>Trains a model to be kept under the given version; null when there are too few customers.</summary>
    public async Task<Contracts.Models.TrainedModel?> TrainAsync(
        PublishedModel current, int version, TrainingRequest request, CancellationToken cancellationToken)
    {
        SegmentModel published = ModelDocuments.Read(current, features.Catalogue);
        DateTimeOffset asOf = clock.GetUtcNow();
        int workers = Environment.ProcessorCount;
        TrainingPopulation population = await TrainingPopulation.GatherAsync(
            reader, features, asOf.ToUnixTimeMilliseconds(), workers, cancellationToken);
        if (population.Count < options.Value.PopulationMin)
        {
            return null;
        }

        long expected = store.Totals.Population;
        FeatureScaling fitted = ScalingFit.Fit(await population.SketchAsync(), [.. features.Catalogue.Features.Select(f => f.Weight)]);
        FeatureScaling scaling = ScalingChoice.Choose(published, fitted, request.Replan);
        (TrainingPart[] parts, FeatureMatrix sample) = await population.ScaleAsync(scaling, published, options.Value.Seed);
        CentroidSet? start = published.IsBootstrap ? null : CentroidMapping.Map(published.Centroids, published.Scaling, scaling);
        var run = new TrainingRun(sample, EngineOptions(published, request), start, published.StarvedTrainings);
        TrainingOutcome outcome = await DriveAsync(run, parts, cancellationToken);
        var result = new TrainingResult(published, scaling, outcome, parts, asOf, expected, version);
        return result.ToMessage(features.Catalogue, options.Value.HysteresisMargin, clock.GetUtcNow(), request.Force);
    }

    /// <summary>One thread a part; the merged sums are the same however the rows are spread.</summary>
    private static async Task<TrainingOutcome> DriveAsync(TrainingRun run, TrainingPart[] parts, CancellationToken cancellationToken)
    {
        RoundSums sums;
        do
        {
            CentroidSet centroids = run.Centroids;
            sums = RoundSums.MergeAll(await Task.WhenAll(parts.Select(
                part => Task.Run(() => part.Rows.Accumulate(centroids), cancellationToken))));
        }
        while (!run.Advance(sums));

        return run.Outcome!;
    }

    private TrainingOptions EngineOptions(SegmentModel published, TrainingRequest request)
    {
        int? count = request.SegmentCount ?? (options.Value.SegmentsFixed > 0 ? options.Value.SegmentsFixed : null);
        bool keepsCount = count is null && !published.IsBootstrap && !request.Replan;
        return new TrainingOptions
        {
            Seed = options.Value.Seed,
            Replan = request.Replan,
            Clusters = keepsCount
                ? new ClusterCountOptions { Min = published.SegmentCount, Max = published.SegmentCount }
                : new ClusterCountOptions { Min = count ?? options.Value.SegmentsMin, Max = count ?? options.Value.SegmentsMax },
        };
    }
}
