using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Scaling;
using OrleansSegments.Grains.Passes;
using OrleansSegments.Grains.Training.Steps;

namespace OrleansSegments.Grains.Training;

/// <summary>
/// The steps of one training over the whole population, as if it were in one place. The merged answers have the same bits however it is
/// divided. Every step must count as many customers as the first.
/// </summary>
internal sealed class TrainingSteps(PopulationPasses passes, TrainingSession session, IdRange[] ranges, CancellationToken cancellationToken)
{
    private readonly Guid _id = Guid.NewGuid();
    private int _step;
    private ScalingValues? _scaling;
    private CentroidValues? _previous;

    /// <summary>Customers that take part.</summary>
    public long Rows { get; private set; }

    /// <summary>How many the silos' stores said there are, after the reading; the highest.</summary>
    public long PopulationSeen { get; private set; }

    /// <summary>Gathers the customers; returns a sketch of each feature.</summary>
    public async Task<QuantileSketch[]> SketchAsync(int featureCount)
    {
        SketchResult[] results = await passes.RunAsync<SketchResult>(TrainingDuty.PassKind, Order(new SketchWork(session)), cancellationToken);
        Rows = results.Sum(r => r.Rows);
        PopulationSeen = results.Length == 0 ? 0 : results.Max(r => r.PopulationSeen);
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

    /// <summary>Scales everybody; returns the sample.</summary>
    public async Task<FeatureMatrix> SampleAsync(FeatureScaling scaling)
    {
        _scaling = ScalingValues.Of(scaling);
        var sample = new SampleSketch(scaling.Count, session.Seed);
        foreach (SampleResult result in await RunAsync<SampleResult>(new SampleWork(session, _scaling)))
        {
            sample.Merge(result.ToRows());
        }

        return sample.ToMatrix();
    }

    /// <summary>One Lloyd round.</summary>
    public async Task<RoundSums> RoundAsync(CentroidSet centroids)
    {
        CentroidValues values = CentroidValues.Of(centroids);
        RoundResult[] results = await RunAsync<RoundResult>(new RoundWork(session, _scaling!, _previous, values));
        _previous = values;
        return RoundSums.MergeAll(results.Select(r => r.ToSums()));
    }

    /// <summary>Describes the clusters of the final centroids.</summary>
    public async Task<TrainingFindings> DescribeAsync(CentroidSet centroids)
    {
        EvidenceResult[] results = await RunAsync<EvidenceResult>(new EvidenceWork(session, _scaling!, CentroidValues.Of(centroids)));
        var table = results[0].ToTable();
        foreach (EvidenceResult result in results.Skip(1))
        {
            table.Merge(result.ToTable());
        }

        return new TrainingFindings(
            results.Select(r => r.ToProfile()).Aggregate((a, b) => a.Merge(b)), results.Select(r => r.ToAudit()).Aggregate((a, b) => a.Merge(b)), table);
    }

    private PassOrder Order(PassWork work) => new(_id, _step++, ranges, work);

    private async Task<TResult[]> RunAsync<TResult>(PassWork work)
        where TResult : PassResult
    {
        TResult[] results = await passes.RunAsync<TResult>(TrainingDuty.PassKind, Order(work), cancellationToken);
        long rows = results.Sum(r => r.Rows);
        return rows == Rows ? results : throw new PopulationMovedException($"{rows} customers took part in step {_step - 1}, {Rows} in the first.");
    }
}
