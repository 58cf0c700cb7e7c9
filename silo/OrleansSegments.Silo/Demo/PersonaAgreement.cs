using System.Globalization;
using Orleans;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.Simulator;

namespace OrleansSegments.Silo.Demo;

/// <summary>How well the segments agree with the simulator's personas, judged by the simulator's side on what the API answers.</summary>
internal static class PersonaAgreement
{
    private const int PageRows = 10_000;

    /// <summary>The adjusted Rand index over all customers at a moment.</summary>
    public static async Task<double> ComputeAsync(IGrainFactory grains, Simulation simulation, SegmentCensus census, DateTimeOffset at)
    {
        var truth = new List<int>();
        var found = new List<int>();
        foreach (SegmentCount segment in census.Segments.Where(s => s.Size > 0))
        {
            _ = SegmentKey.TryParse(segment.Id, out int segmentId);
            await foreach (string customerId in MembersAsync(grains.GetGrain<ISegmentGrain>(segmentId)))
            {
                int index = int.Parse(customerId.AsSpan(customerId.IndexOf('-') + 1), CultureInfo.InvariantCulture);
                truth.Add((int)simulation.TruthAt(index, at));
                found.Add(segmentId);
            }
        }

        return AdjustedRandIndex.Compute(truth.ToArray(), found.ToArray());
    }

    private static async IAsyncEnumerable<string> MembersAsync(ISegmentGrain segment)
    {
        string? cursor = null;
        do
        {
            MembersPage page = await segment.Members(cursor, PageRows);
            foreach (string customerId in page.CustomerIds)
            {
                yield return customerId;
            }

            cursor = page.NextCursor;
        }
        while (cursor is not null);
    }
}
