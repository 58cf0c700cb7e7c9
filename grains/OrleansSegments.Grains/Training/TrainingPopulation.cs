using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Features;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Scaling;
using OrleansSegments.Grains.Populations;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Training;

/// <summary>
/// The whole population of a silo at one as-of instant: first the records, then the sketches of every feature, then the scaled vectors. The
/// records are the grains' own immutable ones; holding them costs 16 bytes each and makes every pass see the same customers.
/// </summary>
internal sealed class TrainingPopulation(FeatureEngine features, long asOfMilliseconds, List<StoredCustomer>[] shares)
{
    /// <summary>Customers in it.</summary>
    public long Count => shares.Sum(s => (long)s.Count);

    public static async Task<TrainingPopulation> GatherAsync(
        PopulationReader reader, FeatureEngine features, long asOfMilliseconds, int workers, CancellationToken cancellationToken)
    {
        List<StoredCustomer>[] shares = [.. Enumerable.Range(0, workers).Select(_ => new List<StoredCustomer>())];
        await reader.ReadAllAsync(workers, (worker, batch) => shares[worker].AddRange(batch), cancellationToken);
        return new TrainingPopulation(features, asOfMilliseconds, shares);
    }

    /// <summary>One sketch per feature over everybody, fed with transformed values.</summary>
    public async Task<QuantileSketch[]> SketchAsync()
    {
        QuantileSketch[][] parts = await Task.WhenAll(shares.Select(share => Task.Run(() => Sketch(share))));
        return parts.Aggregate(static (all, part) =>
        {
            for (int d = 0; d < all.Length; d++)
            {
                all[d].Merge(part[d]);
            }

            return all;
        });
    }

    /// <summary>The scaled vectors, a part per share, labelled by the published model; and a sample that does not depend on the shares.</summary>
    public async Task<(TrainingPart[] Parts, FeatureMatrix Sample)> ScaleAsync(FeatureScaling scaling, SegmentModel published, ulong seed)
    {
        (TrainingPart Part, SampleSketch Sample)[] scaled =
            await Task.WhenAll(shares.Select(share => Task.Run(() => Scale(share, scaling, published, seed))));
        SampleSketch sample = scaled[0].Sample;
        foreach ((_, SampleSketch other) in scaled.Skip(1))
        {
            sample.Merge(other);
        }

        return ([.. scaled.Select(s => s.Part)], sample.ToMatrix());
    }

    private QuantileSketch[] Sketch(List<StoredCustomer> share)
    {
        QuantileSketch[] sketches = [.. Enumerable.Range(0, features.FeatureCount).Select(_ => new QuantileSketch())];
        Span<double> values = stackalloc double[features.FeatureCount];
        foreach (StoredCustomer customer in share)
        {
            features.Evaluate(customer.Record.State, asOfMilliseconds, values);
            for (int d = 0; d < values.Length; d++)
            {
                sketches[d].Add(values[d]);
            }
        }

        return sketches;
    }

    private (TrainingPart Part, SampleSketch Sample) Scale(
        List<StoredCustomer> share, FeatureScaling scaling, SegmentModel published, ulong seed)
    {
        int columns = features.FeatureCount;
        var matrix = new FeatureMatrix(columns, share.Count);
        var labels = new byte[share.Count];
        var sample = new SampleSketch(columns, seed);
        Span<double> values = stackalloc double[columns];
        Span<float> row = stackalloc float[columns];
        Span<float> publishedRow = stackalloc float[columns];
        for (int i = 0; i < share.Count; i++)
        {
            features.Evaluate(share[i].Record.State, asOfMilliseconds, values);
            scaling.Apply(values, row);
            matrix.SetRow(i, row);
            published.Scaling.Apply(values, publishedRow);
            labels[i] = (byte)published.IndexOf(published.Classifier.Nearest(publishedRow).SegmentId);
            sample.Add(Engine.Clustering.StableHash.Of(share[i].CustomerId), row);
        }

        return (new TrainingPart(new LloydPart(matrix), labels), sample);
    }
}
