using System.Globalization;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.Simulator;

namespace OrleansSegments.Tools.Demo;

/// <summary>How well the segments agree with the simulator's personas, judged by the simulator's side on what the API answers.</summary>
internal static class PersonaAgreement
{
    private const int PageRows = 10_000;
    private const int LookRows = 500;

    /// <summary>
    /// The adjusted Rand index over all customers at a moment. The truth is the persona by <see cref="Simulation.TruthAt"/>: newcomers are a group of their
    /// own from their first event on, whether or not a model knows them yet, and those who left are dormant after 21 days.
    /// </summary>
    public static async Task<double> ComputeAsync(IGrainFactory grains, Simulation simulation, SegmentCensus census, DateTimeOffset at)
    {
        var truth = new List<int>();
        var found = new List<int>();
        foreach (SegmentCount segment in census.Segments.Where(s => s.Size > 0))
        {
            _ = SegmentKey.TryParse(segment.Id, out int segmentId);
            await foreach (string customerId in MembersAsync(grains.GetGrain<ISegmentGrain>(segmentId)))
            {
                truth.Add((int)simulation.TruthAt(IndexOf(customerId), at));
                found.Add(segmentId);
            }
        }

        return AdjustedRandIndex.Compute(truth.ToArray(), found.ToArray());
    }

    /// <summary>The name of the segment in which most shoppers of a persona are, estimated from a few hundred customers of each.</summary>
    public static async Task<string> SegmentOfAsync(IGrainFactory grains, Simulation simulation, Persona persona, DateTimeOffset at)
    {
        SegmentCensus census = await grains.GetGrain<ISegmentCensus>(0).Take(withStatistics: false);
        (string Name, double Count) most = ("", -1);
        foreach (SegmentCount segment in census.Segments.Where(s => s.Size > 0))
        {
            _ = SegmentKey.TryParse(segment.Id, out int segmentId);
            MembersPage page = await grains.GetGrain<ISegmentGrain>(segmentId).Members(null, LookRows);
            double share = page.CustomerIds.Count(id => simulation.TruthAt(IndexOf(id), at) == persona) / Math.Max(1.0, page.CustomerIds.Length);
            most = share * segment.Size > most.Count ? (segment.Name, share * segment.Size) : most;
        }

        return most.Name;
    }

    private static int IndexOf(string customerId) => int.Parse(customerId.AsSpan(customerId.IndexOf('-') + 1), CultureInfo.InvariantCulture);

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
