using System.Collections.Concurrent;
using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Features;
using OrleansSegments.Grains.Models;
using OrleansSegments.Grains.Populations;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Training;

/// <summary>
/// This silo's ranges of a training. Keeps their customers from the first step to the last, so that every step sees the same ones; a range
/// that arrives in the middle is loaded and processed from the beginning. Only sums, sketches and samples leave the silo.
/// </summary>
public sealed class TrainingWork(ICustomerStore store, FeatureEngine features)
{
    private readonly Lock _gate = new();
    private ConcurrentDictionary<IdRange, Lazy<Task<TrainingPart>>> _held = [];
    private Guid _session;

    /// <summary>Frees what is kept for this training; does nothing for another one.</summary>
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

    /// <summary>Frees everything; called when the trainer has not called for long.</summary>
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

    /// <summary>
    /// Runs a step on a range on the thread pool, outside the grain's turns. Concurrent calls for the same range are serialized.
    /// </summary>
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
        await foreach (IReadOnlyList<StoredCustomer> page in store.ScanAsync(range, features.Catalogue, CancellationToken.None))
        {
            customers.AddRange(page);
        }

        return new TrainingPart(features, asOfMilliseconds, customers);
    }
}
