using Orleans;
using OrleansSegments.Contracts.Segments;

namespace OrleansSegments.Silo.Summaries;

/// <summary>Reads the segments for a summary and prints them for people.</summary>
internal static class SegmentTable
{
    public static async Task<SegmentCensus> ReadAsync(IGrainFactory grains) => await grains.GetGrain<ISegmentCensus>(0).Take(withStatistics: false);

    public static IReadOnlyList<SegmentSummary> Summarise(SegmentCensus census) =>
        [.. census.Segments.OrderByDescending(s => s.Size).Select(s => new SegmentSummary(s.Id, s.Name, s.Size, [.. s.DistinguishingFeatures.Select(Words)]))];

    public static void Print(TextWriter output, SegmentCensus census)
    {
        IReadOnlyList<SegmentSummary> segments = Summarise(census);
        int width = Math.Max(7, segments.Select(s => s.Name.Length).DefaultIfEmpty(0).Max());
        output.WriteLine($"{"segment".PadRight(width)}  {"size",10}  {"share",6}  set apart by");
        foreach (SegmentSummary segment in segments)
        {
            double share = census.Population == 0 ? 0 : (double)segment.Size / census.Population;
            output.WriteLine($"{segment.Name.PadRight(width)}  {segment.Size,10:N0}  {share,6:P1}  {string.Join(", ", segment.SetApartBy)}");
        }

        output.WriteLine($"{"sum".PadRight(width)}  {census.Segments.Sum(s => s.Size),10:N0}  of {census.Population:N0} customers, model {census.ModelVersion}");
    }

    private static string Words(DistinguishingFeature feature) => $"{feature.Words} ({feature.Feature} {feature.Deviation:+0.0;-0.0})";
}
