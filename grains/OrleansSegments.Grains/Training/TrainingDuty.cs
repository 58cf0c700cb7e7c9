using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Features;
using OrleansSegments.Engine.Lineage;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Scaling;
using OrleansSegments.Grains.Models;
using OrleansSegments.Grains.Passes;
using OrleansSegments.Grains.Populations;
using OrleansSegments.Grains.Training.Steps;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Training;

/// <summary>
/// This silo's share of trainings. It keeps the customers of its parts from the first step to the last, so that every step sees the same
/// ones; a part that comes to it in the middle is taken up from the beginning. Sums, sketches and samples leave it, customers do not.
/// </summary>
public sealed class TrainingDuty(PopulationReader reader, FeatureEngine features, ICustomerStore store) : IPassDuty
{
    public const string PassKind = "training";

    private readonly Dictionary<int, TrainingPart[]> _held = [];
    private Guid _session;
    private SegmentModel? _published;

    public string Kind => PassKind;

    public async Task<PassResult> DoAsync(PassShare share, CancellationToken cancellationToken)
    {
        if (share.Session != _session)
        {
            Rest();
            _session = share.Session;
        }

        return share.Work switch
        {
            SketchWork work => await SketchAsync(share, work, cancellationToken),
            SampleWork work => await SampleAsync(share, work, cancellationToken),
            RoundWork work => await RoundAsync(share, work, cancellationToken),
            EvidenceWork work => await DescribeAsync(share, work, cancellationToken),
            _ => throw new NotSupportedException($"{share.Work.GetType().Name} is not a step of a training."),
        };
    }

    public void Rest()
    {
        _held.Clear();
        _published = null;
        _session = Guid.Empty;
    }

    private async Task<SketchResult> SketchAsync(PassShare share, SketchWork work, CancellationToken cancellationToken)
    {
        TrainingPart[] parts = await GatherAsync(share, work.Session, cancellationToken);
        QuantileSketch[][] sketches = await EachAsync(parts, static part => part.Sketch(), cancellationToken);
        QuantileSketch[] all = [.. Enumerable.Range(0, features.FeatureCount).Select(_ => new QuantileSketch())];
        foreach (QuantileSketch[] one in sketches)
        {
            for (int d = 0; d < all.Length; d++)
            {
                all[d].Merge(one[d]);
            }
        }

        return new SketchResult(RowsOf(parts), store.Totals.Population, Array.ConvertAll(all, SketchValues.Of));
    }

    private async Task<SampleResult> SampleAsync(PassShare share, SampleWork work, CancellationToken cancellationToken)
    {
        TrainingPart[] parts = await ScaleAsync(share, work.Session, work.Scaling, cancellationToken);
        var all = new SampleSketch(features.FeatureCount, work.Session.Seed);
        foreach (SampleSketch one in await EachAsync(parts, part => part.Sample(work.Session.Seed), cancellationToken))
        {
            all.Merge(one);
        }

        SampleRows rows = all.Snapshot();
        return new SampleResult(RowsOf(parts), rows.Ranks, rows.Values);
    }

    private async Task<RoundResult> RoundAsync(PassShare share, RoundWork work, CancellationToken cancellationToken)
    {
        TrainingPart[] parts = await ScaleAsync(share, work.Session, work.Scaling, cancellationToken);
        CentroidSet? previous = work.Previous?.ToCentroids();
        CentroidSet centroids = work.Centroids.ToCentroids();
        RoundSums[] sums = await EachAsync(parts, part => part.Accumulate(share.Step, previous, centroids), cancellationToken);
        return RoundResult.Of(RoundSums.MergeAll(sums.Prepend(RoundSums.Empty(centroids))));
    }

    private async Task<EvidenceResult> DescribeAsync(PassShare share, EvidenceWork work, CancellationToken cancellationToken)
    {
        TrainingPart[] parts = await ScaleAsync(share, work.Session, work.Scaling, cancellationToken);
        CentroidSet centroids = work.Centroids.ToCentroids();
        FeatureScaling scaling = work.Scaling.ToScaling();
        int publishedCount = _published!.SegmentCount;
        int cells = centroids.Values.Length;
        var profile = new ClusterProfile(new double[cells], new long[cells], new long[centroids.Count]);
        var audit = new MatrixAudit(0, 0, 0, 0, 0);
        var table = new Contingency(publishedCount, centroids.Count);
        foreach (var described in await EachAsync(parts, part => part.Describe(centroids, scaling, publishedCount), cancellationToken))
        {
            profile = profile.Merge(described.Profile);
            audit = audit.Merge(described.Audit);
            table.Merge(described.Table);
        }

        return EvidenceResult.Of(profile, audit, table);
    }

    private async Task<TrainingPart[]> ScaleAsync(
        PassShare share, TrainingSession session, ScalingValues values, CancellationToken cancellationToken)
    {
        TrainingPart[] parts = await GatherAsync(share, session, cancellationToken);
        FeatureScaling scaling = values.ToScaling();
        SegmentModel published = _published ??= ModelDocuments.Read(session.Published, features.Catalogue);
        await EachAsync(
            parts,
            part =>
            {
                part.Scale(scaling, published);
                return true;
            },
            cancellationToken);
        return parts;
    }

    /// <summary>Reads what is not held yet, each part by itself, so that it can go to another silo by itself.</summary>
    private async Task<TrainingPart[]> GatherAsync(PassShare share, TrainingSession session, CancellationToken cancellationToken)
    {
        int[] missing = [.. Enumerable.Range(0, share.Parts.Length).Where(i => !_held.ContainsKey(share.Parts[i]))];
        var read = new TrainingPart[missing.Length][];
        var limits = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(
            Enumerable.Range(0, missing.Length),
            limits,
            async (i, stop) => read[i] = await ReadAsync(share.Ranges[missing[i]], session, stop));
        for (int i = 0; i < missing.Length; i++)
        {
            _held[share.Parts[missing[i]]] = read[i];
        }

        return [.. share.Parts.SelectMany(p => _held[p])];
    }

    private async Task<TrainingPart[]> ReadAsync(IdRange range, TrainingSession session, CancellationToken cancellationToken)
    {
        int workers = range.IsEverything ? Environment.ProcessorCount : 1;
        List<StoredCustomer>[] read = [.. Enumerable.Range(0, workers).Select(_ => new List<StoredCustomer>())];
        await reader.ReadAsync([range], workers, (worker, batch) => read[worker].AddRange(batch), cancellationToken);
        return [.. read.Where(customers => customers.Count > 0).Select(customers => new TrainingPart(features, session.AsOfMilliseconds, customers))];
    }

    private static long RowsOf(TrainingPart[] parts) => parts.Sum(p => (long)p.Count);

    /// <summary>One thread a part, in the order of the parts.</summary>
    private static Task<T[]> EachAsync<T>(TrainingPart[] parts, Func<TrainingPart, T> step, CancellationToken cancellationToken) =>
        Task.WhenAll(parts.Select(part => Task.Run(() => step(part), cancellationToken)));
}
