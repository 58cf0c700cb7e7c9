using System.Text;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Engine.Models;
using OrleansSegments.Grains.Customers;
using OrleansSegments.Grains.Models;
using OrleansSegments.Silo.Hosting;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Benchmarks.Population;

/// <summary>
/// Publishes the current model with one centroid moved towards another just far enough that a given share of the customers changes segment.
/// </summary>
internal static class ShiftedModel
{
    private const int SampleRows = 20_000;
    private const int Halvings = 24;

    /// <summary>Returns the published version, and the share of a sample that it moves.</summary>
    public static async Task<(int Version, double Share)> PublishAsync(SiloHost host, double share, CancellationToken cancellationToken)
    {
        IModelGrain grain = host.Grains.GetGrain<IModelGrain>(0);
        PublishedModel current = await grain.Current();
        SegmentModel model = SegmentModel.FromJson(Encoding.UTF8.GetString(current.Document)) with { Version = (await grain.List()).Max(m => m.Version) + 1 };
        IReadOnlyList<StoredCustomer> sample = await host.Service<ICustomerStore>().ScanAsync(null, SampleRows, cancellationToken);
        SegmentModel shifted = Search(host, model, sample, share, out double reached);
        ModelSummary summary = current.Summary with { Version = shifted.Version, Reason = "shifted by the benchmark" };
        await grain.Submit(new TrainedModel(shifted.Version, Encoding.UTF8.GetBytes(shifted.ToJson()), summary, []));
        return (shifted.Version, reached);
    }

    private static SegmentModel Search(SiloHost host, SegmentModel model, IReadOnlyList<StoredCustomer> sample, double share, out double reached)
    {
        SegmentModel best = model;
        reached = 0;
        for (int centroid = 0; centroid < model.SegmentCount && reached < share * 0.8; centroid++)
        {
            for (int towards = 0; towards < model.SegmentCount && reached < share * 0.8; towards++)
            {
                (double low, double high) = (0, centroid == towards ? 0 : 1);
                for (int halving = 0; halving < Halvings && high > low; halving++)
                {
                    double middle = (low + high) / 2;
                    SegmentModel candidate = Shift(model, centroid, towards, middle);
                    double moved = MovedShare(host, candidate, sample);
                    (low, high) = moved > share ? (low, middle) : (middle, high);
                    if (moved <= share * 1.1 && moved > reached)
                    {
                        (best, reached) = (candidate, moved);
                    }
                }
            }
        }

        return best;
    }

    private static SegmentModel Shift(SegmentModel model, int centroid, int towards, double part)
    {
        int columns = model.Centroids.Dimensions;
        float[] values = [.. model.Centroids.Values];
        for (int d = 0; d < columns; d++)
        {
            ref float value = ref values[(centroid * columns) + d];
            value += (float)(part * (values[(towards * columns) + d] - value));
        }

        return model with { Centroids = new CentroidSet(model.SegmentCount, columns, values) };
    }

    private static double MovedShare(SiloHost host, SegmentModel model, IReadOnlyList<StoredCustomer> sample)
    {
        var live = new LiveModel(model, rolloutComplete: false, System.Collections.Frozen.FrozenDictionary<int, EarlierSegment>.Empty);
        CustomerEvaluator evaluator = host.Service<CustomerEvaluator>();
        long now = host.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        return sample.Count(c => evaluator.Place(live, c.Record, c.Record.State, now).SegmentId != c.Record.SegmentId) / (double)sample.Count;
    }
}
