using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Features;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Scaling;
using OrleansSegments.Engine.Training;
using OrleansSegments.Grains.Metrics;
using OrleansSegments.Grains.Models;
using OrleansSegments.Grains.Populations;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Training;

/// <summary>
/// Recomputes the centroids over the whole population at one as-of instant: has all silos load, scale and sum the customers, drives the
/// Lloyd rounds, matches the result with the published segments, evaluates the quality gates. The schedule belongs to the grain.
/// </summary>
public sealed partial class SegmentTrainer(
    PopulationSteps population,
    FeatureEngine features,
    ICustomerStore store,
    IOptions<TrainingScheduleOptions> options,
    SegmentsMetrics metrics,
    TimeProvider clock,
    ILogger<SegmentTrainer> logger)
{
    /// <summary>How often a training is started when customers are added or removed between its steps.</summary>
    public const int AttemptsMax = 3;

    /// <summary>How long the store's totals may lag behind a customer that another silo has committed.</summary>
    public static readonly TimeSpan TotalsLagMax = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan TotalsLookInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Trains a model for the given version; null when there are too few customers.</summary>
    /// <param name="watch">Told each stage when it begins and each round when it ends, between the steps of the caller.</param>
    public async Task<Contracts.Models.TrainedModel?> TrainAsync(
        PublishedModel current, int version, TrainingRequest request, Action<TrainingStage> watch, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await AttemptAsync(current, version, request, watch, isLast: attempt == AttemptsMax, cancellationToken);
            }
            catch (PopulationMovedException moved) when (attempt < AttemptsMax)
            {
                metrics.Trained(TrainingEnd.Repeated);
                LogBeginsAgain(logger, moved.Message);
            }
        }
    }

    private async Task<Contracts.Models.TrainedModel?> AttemptAsync(
        PublishedModel current, int version, TrainingRequest request, Action<TrainingStage> watch, bool isLast, CancellationToken cancellationToken)
    {
        watch(TrainingStage.Reading);
        SegmentModel published = ModelDocuments.Read(current, features.Catalogue);
        DateTimeOffset asOf = clock.GetUtcNow();
        long populationBefore = store.Totals.Population;
        var all = new TrainingShare(Guid.Empty, IdRange.Everything, asOf.ToUnixTimeMilliseconds(), current, options.Value.Seed);
        var steps = new TrainingSteps(population, await population.BeginAsync(cancellationToken), all, cancellationToken);
        QuantileSketch[] sketches = await SegmentsTraces.RunPartAsync("read", () => steps.SketchAsync(features.FeatureCount));
        long expected = await ExpectAsync(populationBefore, steps, cancellationToken);
        if (steps.Rows != expected && !isLast)
        {
            throw new PopulationMovedException($"{steps.Rows} customers took part; {expected} exist.");
        }

        if (steps.Rows < options.Value.PopulationMin)
        {
            return null;
        }

        FeatureScaling fitted = ScalingFit.Fit(sketches, [.. features.Catalogue.Features.Select(f => f.Weight)]);
        FeatureScaling scaling = ScalingChoice.Choose(published, fitted, request.Replan);
        FeatureMatrix sample = await SegmentsTraces.RunPartAsync("scale", () => steps.SampleAsync(scaling));
        CentroidSet? start = published.IsBootstrap ? null : CentroidMapping.Map(published.Centroids, published.Scaling, scaling);
        TrainingOptions engineOptions = EngineOptions(published, request);
        if (engineOptions.Clusters.Min < engineOptions.Clusters.Max)
        {
            watch(TrainingStage.Choosing);
        }

        TrainingOutcome outcome = await SegmentsTraces.RunPartAsync(
            "find centroids", () => DriveAsync(steps, () => new TrainingRun(sample, engineOptions, start, published.StarvedTrainings), watch));
        watch(TrainingStage.Checking);
        TrainingFindings findings = await SegmentsTraces.RunPartAsync("describe", () => steps.DescribeAsync(outcome.Centroids));
        await steps.EndAsync();
        var result = new TrainingResult(published, scaling, outcome, findings, asOf, expected, version);
        return result.ToMessage(features.Catalogue, clock.GetUtcNow(), request.Force);
    }

    /// <summary>
    /// Runs the computations on the sample off the grain's turn: they take seconds when the number of segments is chosen.
    /// </summary>
    private static async Task<TrainingOutcome> DriveAsync(TrainingSteps steps, Func<TrainingRun> begin, Action<TrainingStage> watch)
    {
        TrainingRun run = await Task.Run(begin);
        int rounds = 0;
        RoundSums sums;
        do
        {
            watch(TrainingStage.Refining(rounds++));
            sums = await steps.RoundAsync(run.Centroids);
        }
        while (!await Task.Run(() => run.Advance(sums)));

        return run.Outcome!;
    }

    /// <summary>
    /// How many customers should have taken part: at least those that existed before, at most those that exist afterwards. A customer just
    /// committed by another silo may be read before the totals include it, so this waits for them.
    /// </summary>
    private async Task<long> ExpectAsync(long populationBefore, TrainingSteps steps, CancellationToken cancellationToken)
    {
        long startedAt = clock.GetTimestamp();
        using var timer = new PeriodicTimer(TotalsLookInterval, clock);
        while (true)
        {
            long now = Math.Max(steps.PopulationSeen, store.Totals.Population);
            if (steps.Rows >= populationBefore && steps.Rows <= now)
            {
                return steps.Rows;
            }

            if (steps.Rows < populationBefore || clock.GetElapsedTime(startedAt) > TotalsLagMax)
            {
                return now;
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "The training starts over: {Reason}")]
    private static partial void LogBeginsAgain(ILogger logger, string reason);
}

/// <summary>
/// Keeps the published scaling while it still fits, because a fixed scaling moves fewer customers between models. A new one is used when a
/// feature's median moved by more than half a scale, its scale changed by more than half, a constant feature began to vary, or the features changed.
/// </summary>
internal static class ScalingChoice
{
    private const double MedianShiftMax = 0.5;
    private const double ScaleRatioMax = 1.5;

    public static FeatureScaling Choose(SegmentModel published, FeatureScaling fitted, bool replan) =>
        published.IsBootstrap || published.IsCarriedOver || replan || Enumerable.Range(0, fitted.Count).Any(d => Drifted(published.Scaling, fitted, d)) ? fitted : published.Scaling;

    private static bool Drifted(FeatureScaling published, FeatureScaling fitted, int feature)
    {
        double before = published.Scale[feature];
        double now = fitted.Scale[feature];
        if (before == 0 || now == 0)
        {
            return before != now;
        }

        double ratio = Math.Max(before / now, now / before);
        return ratio > ScaleRatioMax || Math.Abs(fitted.Center[feature] - published.Center[feature]) > MedianShiftMax * before;
    }
}

/// <summary>
/// Thrown when the customers of a step differ in number from those of the first step or from those that exist; the training starts over.
/// </summary>
internal sealed class PopulationMovedException(string message) : Exception(message);
