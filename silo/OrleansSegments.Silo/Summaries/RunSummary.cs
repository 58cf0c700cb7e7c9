using System.Text.Json.Serialization;

namespace OrleansSegments.Silo.Summaries;

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

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? AdjustedRandIndex { get; init; }

    /// <summary>Of the demo: events that made the history before the measured simulation.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? HistoryEvents { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Transitions { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? LinesRead { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, long>? LinesSkipped { get; init; }

    /// <summary>Of an import: completed and refunded orders.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Transactions { get; init; }

    /// <summary>The data folder, or the database and schema.</summary>
    public required string Store { get; init; }
}
