using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansSegments.Contracts.Segments;

namespace OrleansSegments.Tools.Replay;

/// <summary>What demo, import and load print with --json. Latencies run from handing a batch in to its durable effect.</summary>
internal sealed record RunSummary
{
    public required long Events { get; init; }

    public required double EventsPerSecond { get; init; }

    public required double LatencyMsP50 { get; init; }

    public required double LatencyMsP99 { get; init; }

    public required long Customers { get; init; }

    public required IReadOnlyList<SegmentSummary> Segments { get; init; }

    public required int ModelVersion { get; init; }

    public required long SumOfSizes { get; init; }

    public double Seconds { get; init; }

    public long Duplicates { get; init; }

    public long Rejected { get; init; }

    /// <summary>Of the demo: agreement of the segments with the simulator's personas, newcomers included, at the end.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? AdjustedRandIndex { get; init; }

    /// <summary>Of the demo: events that made the history before the measured simulation.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? HistoryEvents { get; init; }

    /// <summary>Of the demo: what happened on top of ordinary traffic, in order.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<StoryChapter>? Story { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Transitions { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? LinesRead { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, long>? LinesSkipped { get; init; }

    /// <summary>Of an import: the first line skipped for each reason.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<SkippedExample>? SkippedExamples { get; init; }

    /// <summary>Of an import: rejected events by code.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, long>? RejectedEvents { get; init; }

    /// <summary>Of an import: events by name that no feature reads, but for features that count everything. Null when the features are those of another process.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, long>? EventsUnread { get; init; }

    /// <summary>Of an import: completed and refunded orders.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Transactions { get; init; }

    /// <summary>The data folder, or the database and schema.</summary>
    public required string Store { get; init; }
}

/// <summary>A line of which an import made nothing.</summary>
internal sealed record SkippedExample(string Reason, long Line, string Field, string Value);

/// <summary>One thing that happened in a demonstration.</summary>
/// <param name="Sentence">Says what happens and what to look at.</param>
internal sealed record StoryChapter(string Chapter, DateTimeOffset SimulatedAt, string Sentence);

/// <summary>One segment in a summary.</summary>
/// <param name="SetApartBy">What a marketer would say of it, strongest first.</param>
internal sealed record SegmentSummary(string Id, string Name, long Size, IReadOnlyList<string> SetApartBy);

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

/// <summary>Prints a summary as JSON on the standard output. NaN never gets that far: a figure that was not taken is 0 or left out.</summary>
internal static class SummaryOutput
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static void PrintJson(RunSummary summary) => Console.Out.WriteLine(JsonSerializer.Serialize(summary, Options));
}
