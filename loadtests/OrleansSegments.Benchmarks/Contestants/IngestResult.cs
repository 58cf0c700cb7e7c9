using OrleansSegments.LoadGenerator;

namespace OrleansSegments.Benchmarks.Contestants;

/// <summary>One window: events that became durable, how long that took by the clock and by the processors, and the latency of batches.</summary>
internal sealed record IngestResult(long Events, TimeSpan Elapsed, TimeSpan ProcessorTime, LatencyHistogram Latency, Collections Collections)
{
    public double EventsPerSecond => Events / Elapsed.TotalSeconds;

    public double ProcessorMicrosecondsEach => ProcessorTime.TotalMicroseconds / Events;

    public override string ToString() =>
        $"{EventsPerSecond,10:N0} events/s  {ProcessorMicrosecondsEach,6:F2} us each  p50 {Latency.Percentile(50).TotalMilliseconds,7:F1} ms  "
        + $"p99 {Latency.Percentile(99).TotalMilliseconds,7:F1} ms  {Collections}";
}
