using OrleansSegments.Engine.Features;
using OrleansSegments.Grains.Populations;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Segments.Statistics;

/// <summary>A range of the statistics on this silo: sums by segment.</summary>
public sealed class StatisticsWork(ICustomerStore store, FeatureEngine features)
{
    /// <summary>Adds a range up, beside the turns of the grain that was asked to.</summary>
    public Task<FeatureSums[]> AddUpAsync(IdRange range, long atMilliseconds) => Task.Run(async () =>
    {
        var sums = new Dictionary<int, FeatureSums>();
        await foreach (IReadOnlyList<StoredCustomer> page in store.ScanAsync(range, CancellationToken.None))
        {
            Add(sums, page, atMilliseconds);
        }

        return sums.Values.ToArray();
    });

    private void Add(Dictionary<int, FeatureSums> sums, IReadOnlyList<StoredCustomer> page, long atMilliseconds)
    {
        Span<double> values = stackalloc double[features.FeatureCount];
        foreach (StoredCustomer customer in page)
        {
            int segmentId = customer.Record.SegmentId;
            if (!sums.TryGetValue(segmentId, out FeatureSums? sum))
            {
                sums[segmentId] = sum = new FeatureSums(segmentId, values.Length);
            }

            features.EvaluateNatural(customer.Record.State, atMilliseconds, values);
            sum.Add(values);
        }
    }
}
