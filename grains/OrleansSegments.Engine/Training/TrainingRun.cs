using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Models;

namespace OrleansSegments.Engine.Training;

/// <summary>
/// A whole training as a state machine. The caller owns the population and the network: it lets every part accumulate under <see
/// cref="Centroids"/>, merges the sums and calls <see cref="Advance"/> until that returns true; then <see cref="Outcome"/> is set. The
/// first training seeds on the sample. Later ones start warm from the published centroids, handle starved segments, and try a challenger
/// from random swaps, which gets rounds over the population only if the sample already prefers it by the margin. Pure: the same sample,
/// sums and options give the same centroids.
/// </summary>
public sealed class TrainingRun
{
    private readonly FeatureMatrix _sample;
    private readonly TrainingOptions _options;
    private readonly IReadOnlyList<int> _starvedTrainings;
    private readonly IEnumerator<CentroidSet> _steps;
    private RoundSums? _answer;
    private int _rounds;

    /// <param name="sample">From <see cref="SampleSketch.ToMatrix"/>, under the scaling of this training.</param>
    /// <param name="published">The published centroids under the scaling of this training; null for the first training.</param>
    /// <param name="starvedTrainings">From the published model.</param>
    public TrainingRun(
        FeatureMatrix sample, TrainingOptions options, CentroidSet? published = null, IReadOnlyList<int>? starvedTrainings = null)
    {
        if (sample.Rows == 0)
        {
            throw new ArgumentException("The sample is empty; a training needs at least one customer.");
        }

        (_sample, _options, _starvedTrainings) = (sample, options, starvedTrainings ?? []);
        bool continues = published is not null && !options.Replan && published.Dimensions == sample.Columns
            && published.Count >= options.Clusters.Min && published.Count <= options.Clusters.Max;
        _steps = (continues ? Continue(published!) : Begin()).GetEnumerator();
        _steps.MoveNext();
    }

    /// <summary>The centroids for the next round.</summary>
    public CentroidSet Centroids => _steps.Current;

    public TrainingOutcome? Outcome { get; private set; }

    /// <summary>Takes the merged sums of the current centroids. Returns true when the training is finished.</summary>
    /// <exception cref="ArgumentException">Thrown when the sums refer to other centroids: a late reply, to be ignored.</exception>
    public bool Advance(RoundSums merged)
    {
        if (Outcome is not null)
        {
            throw new InvalidOperationException("The training is finished; start another one.");
        }

        if (merged.CentroidsHash != Centroids.Hash)
        {
            throw new ArgumentException($"The sums refer to centroids {merged.CentroidsHash:x16}; expected were {Centroids.Hash:x16}.");
        }

        _answer = merged;
        return !_steps.MoveNext();
    }

    private IEnumerable<CentroidSet> Begin()
    {
        (CentroidSet seeded, IReadOnlyList<ClusterCountScore> scores) = Seed();
        var run = new LloydRun(seeded, _options.Lloyd);
        foreach (CentroidSet centroids in Drive(run))
        {
            yield return centroids;
        }

        Outcome = Finish(run.Centroids, run, TrainingOrigin.First, null, new int[run.Centroids.Count]) with { CountScores = scores };
    }

    private (CentroidSet Centroids, IReadOnlyList<ClusterCountScore> Scores) Seed()
    {
        ClusterCountOptions clusters = _options.Clusters;
        if (_options.Seeder is { } seeder && clusters.Min == clusters.Max)
        {
            return (seeder.Seed(_sample, Math.Clamp(_sample.Rows / 2, 1, clusters.Max), _options.Seed), []);
        }

        ClusterCountChoice choice = ClusterCountChoice.Make(_sample, _options.Seed, clusters);
        return (_options.Seeder?.Seed(_sample, choice.Count, _options.Seed) ?? choice.Fit.Centroids, choice.Scores);
    }

    private IEnumerable<CentroidSet> Continue(CentroidSet published)
    {
        var run = new LloydRun(published, _options.Lloyd);
        foreach (CentroidSet centroids in Drive(run))
        {
            yield return centroids;
        }

        double publishedInertia = run.Inertias[0];
        StarvationVerdict[] verdicts = Starvation.Review(run.Measured!.Counts, _starvedTrainings);
        var starved = new int[verdicts.Length];
        if (verdicts.Contains(StarvationVerdict.Retire))
        {
            run = new LloydRun(Reseat(run.Centroids, verdicts), _options.Lloyd);
            foreach (CentroidSet centroids in Drive(run))
            {
                yield return centroids;
            }
        }

        TrainingOrigin origin = TrainingOrigin.Warm;
        if (FindChallenger(run.Centroids, verdicts) is { } challenger)
        {
            var second = new LloydRun(challenger, _options.Lloyd);
            foreach (CentroidSet centroids in Drive(second))
            {
                yield return centroids;
            }

            if (IsBetter(second.Measured!.Inertia, run.Measured!.Inertia))
            {
                (run, origin) = (second, TrainingOrigin.Challenger);
            }
        }

        CentroidSet final = origin == TrainingOrigin.Warm ? KeepOldCentres(run.Centroids, published, verdicts, starved) : run.Centroids;
        if (final.Hash != run.Centroids.Hash)
        {
            yield return final;
            run.Remeasure(_answer!);
        }

        Outcome = Finish(final, run, origin, publishedInertia, starved);
    }

    private IEnumerable<CentroidSet> Drive(LloydRun run)
    {
        while (!run.IsFinished)
        {
            yield return run.Centroids;
            run.Advance(_answer!);
        }

        _rounds += run.Rounds;
    }

    /// <summary>Centroids from swaps that the sample prefers by the margin; null when there are none.</summary>
    private CentroidSet? FindChallenger(CentroidSet warm, StarvationVerdict[] verdicts)
    {
        if (verdicts.Contains(StarvationVerdict.KeepOldCentre))
        {
            // A challenger would move the starved centre at once; the segment has one training of grace.
            return null;
        }

        SampleFit found = SwapSearch.From(_sample, warm, _options.Seed);
        return IsBetter(found.Inertia, SwapSearch.Measure(_sample, warm).Inertia) ? found.Centroids : null;
    }

    private bool IsBetter(double inertia, double than) => inertia < (1 - _options.ChallengerMargin) * than;

    private CentroidSet Reseat(CentroidSet centroids, StarvationVerdict[] verdicts)
    {
        for (int k = 0; k < verdicts.Length; k++)
        {
            if (verdicts[k] == StarvationVerdict.Retire)
            {
                centroids = SwapSearch.Reseat(_sample, centroids, k, _options.Seed).Centroids;
            }
        }

        return centroids;
    }

    private CentroidSet KeepOldCentres(CentroidSet centroids, CentroidSet published, StarvationVerdict[] verdicts, int[] starved)
    {
        float[] values = [.. centroids.Values];
        for (int k = 0; k < verdicts.Length; k++)
        {
            if (verdicts[k] == StarvationVerdict.KeepOldCentre)
            {
                published[k].CopyTo(values.AsSpan(k * centroids.Dimensions));
                starved[k] = 1 + (k < _starvedTrainings.Count ? _starvedTrainings[k] : 0);
            }
        }

        return new CentroidSet(centroids.Count, centroids.Dimensions, values);
    }

    private TrainingOutcome Finish(CentroidSet centroids, LloydRun run, TrainingOrigin origin, double? publishedInertia, int[] starved) =>
        new(centroids, run.Measured!, origin, _rounds, run.StopReason, publishedInertia, starved, []);
}

/// <summary>A finished training.</summary>
/// <param name="Sums">The whole population under exactly these centroids.</param>
/// <param name="PublishedInertia">Inertia of the published centroids on the same matrix; null if there were none.</param>
/// <param name="StarvedTrainings">Per centroid, for the next model.</param>
/// <param name="CountScores">The evaluation of each K; empty when K was not chosen in this training.</param>
public sealed record TrainingOutcome(
    CentroidSet Centroids,
    RoundSums Sums,
    TrainingOrigin Origin,
    int Rounds,
    LloydStopReason StopReason,
    double? PublishedInertia,
    int[] StarvedTrainings,
    IReadOnlyList<ClusterCountScore> CountScores);

/// <summary>Drives a training over parts that are all in this process.</summary>
public static class LocalTraining
{
    public static TrainingOutcome Drive(TrainingRun run, IReadOnlyList<LloydPart> parts)
    {
        while (!run.Advance(RoundSums.MergeAll(parts.Select(p => p.Accumulate(run.Centroids)))))
        {
        }

        return run.Outcome!;
    }

    /// <summary>Drives one Lloyd run.</summary>
    public static LloydRun Drive(LloydRun run, IReadOnlyList<LloydPart> parts)
    {
        while (!run.Advance(RoundSums.MergeAll(parts.Select(p => p.Accumulate(run.Centroids)))))
        {
        }

        return run;
    }
}
