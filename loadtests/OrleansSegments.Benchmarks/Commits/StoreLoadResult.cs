using OrleansSegments.LoadGenerator;

namespace OrleansSegments.Benchmarks.Commits;

/// <summary>One phase of <see cref="StoreLoad"/>; processor time is the whole process's, the load's own included.</summary>
internal sealed record StoreLoadResult(string Phase, long Changes, double Seconds, double ProcessorMicrosecondsEach, LatencyHistogram Latency)
{
    public required string Threads { get; init; }

    public required long Commits { get; init; }

    public required int FullCollections { get; init; }

    public required TimeSpan Paused { get; init; }

    public override string ToString() =>
        $"{Phase,-10} {Changes / Seconds,9:N0}/s over {Seconds,3:F0} s  {ProcessorMicrosecondsEach,5:F2} us each  p50 {Latency.Percentile(50).TotalMilliseconds:F1}"
        + $"  p99 {Latency.Percentile(99).TotalMilliseconds:F1}  p99.9 {Latency.Percentile(99.9).TotalMilliseconds:F1}  max {Latency.Max.TotalMilliseconds:F0} ms"
        + $"  {Commits:N0} commits  {FullCollections} full collections, paused {Paused.TotalMilliseconds:N0} ms{Environment.NewLine}           {Threads}";
}
