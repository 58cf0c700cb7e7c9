using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Scaling;
using OrleansSegments.Grains.Populations;

namespace OrleansSegments.Grains.Training;

/// <summary>
/// The steps of one training over the whole population. The merged answers are bit-identical however the population is split. Every step
/// must count as many customers as the first.
/// </summary>
/// <param name="all">The training as a whole; each call gets a copy with one range.</param>
internal sealed class TrainingSteps(PopulationSteps steps, PopulationSession session, TrainingShare all, CancellationToken cancellationToken)
{
    private ScalingValues? _scaling;
    private CentroidValues? _previous;

    /// <summary>Number of customers that take part.</summary>
    public long Rows { get; private set; }

    /// <summary>The highest population reported by the silos' totals after reading.</summary>
    public long PopulationSeen { get; private set; }

    /// <summary>Loads the customers; returns one sketch per feature.</summary>
    public async Task<QuantileSketch[]> SketchAsync(int featureCount)
    {
        SketchResult[] results = await EachAsync((worker, share) => worker.Sketch(share));
        Rows = results.Sum(r => r.Rows);
        PopulationSeen = results.Max(r => r.PopulationSeen);
        QuantileSketch[] sketches = [.. Enumerable.Range(0, featureCount).Select(_ => new QuantileSketch())];
        foreach (SketchResult result in results)
        {
            for (int d = 0; d < sketches.Length; d++)
            {
                sketches[d].Merge(result.Sketches[d].ToCounts());
            }
        }

        return sketches;
    }

    /// <summary>Scales all customers; returns the sample.</summary>
    public async Task<FeatureMatrix> SampleAsync(FeatureScaling scaling)
    {
        _scaling = ScalingValues.Of(scaling);
        var sample = new SampleSketch(scaling.Count, all.Seed);
        foreach (SampleResult result in SameRows(await EachAsync((worker, share) => worker.Sample(share, _scaling)), static r => r.Rows))
        {
            sample.Merge(result.ToRows());
        }

        return sample.ToMatrix();
    }

    /// <summary>One Lloyd round.</summary>
    public async Task<RoundSums> RoundAsync(CentroidSet centroids)
    {
        CentroidValues values = CentroidValues.Of(centroids);
        RoundResult[] results = SameRows(await EachAsync((worker, share) => worker.Round(share, _scaling!, _previous, values)), static r => r.Rows);
        _previous = values;
        return RoundSums.MergeAll(results.Select(r => r.ToSums()));
    }

    /// <summary>Describes the final clusters.</summary>
    public async Task<TrainingFindings> DescribeAsync(CentroidSet centroids)
    {
        CentroidValues values = CentroidValues.Of(centroids);
        EvidenceResult[] results = SameRows(await EachAsync((worker, share) => worker.Describe(share, _scaling!, values)), static r => r.Rows);
        var table = results[0].ToTable();
        foreach (EvidenceResult result in results.Skip(1))
        {
            table.Merge(result.ToTable());
        }

        return new TrainingFindings(
            results.Select(r => r.ToProfile()).Aggregate((a, b) => a.Merge(b)), results.Select(r => r.ToAudit()).Aggregate((a, b) => a.Merge(b)), table);
    }

    /// <summary>Lets the silos free their customers; an unreachable silo frees them by itself.</summary>
    public Task EndAsync() => steps.EachSiloAsync(worker => worker.EndTraining(session.Id), cancellationToken);

    private Task<T[]> EachAsync<T>(Func<IPopulationWorker, TrainingShare, Task<T>> call) =>
        steps.EachRangeAsync(session, (worker, part) => call(worker, all with { Session = session.Id, Range = session.Ranges[part] }), cancellationToken);

    private T[] SameRows<T>(T[] results, Func<T, long> rowsOf)
    {
        long rows = results.Sum(rowsOf);
        return rows == Rows ? results : throw new PopulationMovedException($"{rows} customers took part in a step, {Rows} in the first.");
    }
}
