using System.Collections.Concurrent;
using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Features;
using OrleansSegments.Grains.Models;
using OrleansSegments.Grains.Populations;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Training;

/// <summary>
/// Ranges of trainings on this silo. It keeps the customers of its ranges from the first step to the last, so that every step sees the same
/// ones; a range that comes to it in the middle is taken up from the beginning. Sums, sketches and samples leave it, customers do not.
/// </summary>
public sealed class TrainingWork(ICustomerStore store, FeatureEngine features)
{
    private readonly Lock _gate = new();
    private ConcurrentDictionary<IdRange, Lazy<Task<TrainingPart>>> _held = [];
    private Guid _session;

    /// <summary>Lets go of what was kept; of another training than this one, nothing.</summary>
    public void End(Guid session)
    {
        lock (_gate)
        {
            if (_session == session)
            {
                _held = [];
            }
        }
    }

    /// <summary>Lets go of everything: whoever steers the training has not asked for long.</summary>
    public void Rest() => End(_session);

    public Task<SketchResult> SketchAsync(TrainingShare share) => WithAsync(share, part =>
        new SketchResult(part.Count, store.Totals.Population, Array.ConvertAll(part.Sketch(), SketchValues.Of)));

    public Task<SampleResult> SampleAsync(TrainingShare share, ScalingValues scaling) => WithScaledAsync(share, scaling, part =>
    {
        SampleRows rows = part.Sample(share.Seed).Snapshot();
        return new SampleResult(part.Count, rows.Ranks, rows.Values);
    });

    public Task<RoundResult> RoundAsync(TrainingShare share, ScalingValues scaling, CentroidValues? previous, CentroidValues centroids) =>
        WithScaledAsync(share, scaling, part => RoundResult.Of(part.Accumulate(previous?.ToCentroids(), centroids.ToCentroids())));

    public Task<EvidenceResult> DescribeAsync(TrainingShare share, ScalingValues scaling, CentroidValues centroids) =>
        WithScaledAsync(share, scaling, part => part.Describe(centroids.ToCentroids(), scaling.ToScaling()));

    private Task<T> WithScaledAsync<T>(TrainingShare share, ScalingValues scaling, Func<TrainingPart, T> step) => WithAsync(share, part =>
    {
        part.Scale(scaling.ToScaling(), () => ModelDocuments.Read(share.Published, features.Catalogue));
        return step(part);
    });

    /// <summary>Does a step with a range, beside the turns of the grain that was asked to. A late call for a range that is asked for again waits for its turn.</summary>
    private Task<T> WithAsync<T>(TrainingShare share, Func<TrainingPart, T> step) => Task.Run(async () =>
    {
        ConcurrentDictionary<IdRange, Lazy<Task<TrainingPart>>> held = HeldBy(share.Session);
        Lazy<Task<TrainingPart>> gathering = held.GetOrAdd(share.Range, range => new(() => GatherAsync(range, share.AsOfMilliseconds)));
        try
        {
            TrainingPart part = await gathering.Value;
            lock (part)
            {
                return step(part);
            }
        }
        catch
        {
            held.TryRemove(new(share.Range, gathering));
            throw;
        }
    });

    private ConcurrentDictionary<IdRange, Lazy<Task<TrainingPart>>> HeldBy(Guid session)
    {
        lock (_gate)
        {
            if (_session != session)
            {
                (_session, _held) = (session, []);
            }

            return _held;
        }
    }

    private async Task<TrainingPart> GatherAsync(IdRange range, long asOfMilliseconds)
    {
        var customers = new List<StoredCustomer>();
        await foreach (IReadOnlyList<StoredCustomer> page in store.ScanAsync(range, CancellationToken.None))
        {
            customers.AddRange(page);
        }

        return new TrainingPart(features, asOfMilliseconds, customers);
    }
}
