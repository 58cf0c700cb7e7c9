using OrleansSegments.Engine.Features;
using OrleansSegments.Grains.Passes;
using OrleansSegments.Grains.Populations;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Segments.Statistics;

/// <summary>This silo's share of the statistics: sums by segment.</summary>
public sealed class StatisticsDuty(PopulationReader population, FeatureEngine features) : IPassDuty
{
    public const string PassKind = "statistics";

    public string Kind => PassKind;

    public async Task<PassResult> DoAsync(PassShare share, CancellationToken cancellationToken)
    {
        var work = (StatisticsWork)share.Work;
        int workers = Environment.ProcessorCount;
        var sums = new Dictionary<int, FeatureSums>[workers];
        var rows = new long[workers];
        for (int i = 0; i < workers; i++)
        {
            sums[i] = [];
        }

        await population.ReadAsync(
            share.Ranges,
            workers,
            (worker, batch) =>
            {
                Add(sums[worker], batch, work.AtMilliseconds);
                rows[worker] += batch.Count;
            },
            cancellationToken);
        return new StatisticsResult(rows.Sum(), FeatureSums.MergeAll(sums.SelectMany(s => s.Values)));
    }

    public void Rest()
    {
    }

    private void Add(Dictionary<int, FeatureSums> sums, IReadOnlyList<StoredCustomer> batch, long atMilliseconds)
    {
        Span<double> values = stackalloc double[features.Catalogue.FeatureCount];
        foreach (StoredCustomer customer in batch)
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
