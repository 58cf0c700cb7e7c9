using System.Globalization;
using OrleansSegments.LoadGenerator;

namespace OrleansSegments.Benchmarks.Contestants;

/// <summary>One way to keep customers' features durable event by event, measured against the others with the same events.</summary>
internal interface IContestant : IAsyncDisposable
{
    string Name { get; }

    /// <summary>Creates every customer.</summary>
    Task PrepareAsync(IngestEvents events, CancellationToken cancellationToken);

    /// <summary>Runs at full speed for a time.</summary>
    Task<IngestResult> MeasureAsync(IngestEvents events, TimeSpan duration, CancellationToken cancellationToken);
}

/// <summary>One window: durable events, elapsed time, processor time, and the latency of batches.</summary>
internal sealed record IngestResult(long Events, TimeSpan Elapsed, TimeSpan ProcessorTime, LatencyHistogram Latency, Collections Collections)
{
    public double EventsPerSecond => Events / Elapsed.TotalSeconds;

    /// <summary>Bytes that this process wrote to files: log, tables and compaction. 0 where the system does not count them.</summary>
    public long FileBytesWritten { get; init; }

    public double FileBytesWrittenEach => (double)FileBytesWritten / Events;

    public double ProcessorMicrosecondsEach => ProcessorTime.TotalMicroseconds / Events;

    public override string ToString() =>
        $"{EventsPerSecond,10:N0} events/s  {ProcessorMicrosecondsEach,6:F2} us each  p50 {Latency.Percentile(50).TotalMilliseconds,7:F1} ms  "
        + $"p99 {Latency.Percentile(99).TotalMilliseconds,7:F1} ms  {FileBytesWrittenEach,6:N0} bytes written each  {Collections}";
}

/// <summary>Total bytes that this process has written to files, as counted by Linux (without sockets); 0 on other systems.</summary>
internal static class FileWrites
{
    private const string Counters = "/proc/self/io";
    private const string Written = "wchar: ";

    public static long BytesSoFar() => File.Exists(Counters)
        ? long.Parse(File.ReadLines(Counters).First(line => line.StartsWith(Written, StringComparison.Ordinal))[Written.Length..], CultureInfo.InvariantCulture)
        : 0;
}

/// <summary>Duration of a start, and of each first answer after it.</summary>
internal sealed record RestartResult(TimeSpan Ready, IReadOnlyList<TimeSpan> Answers);

/// <summary>Garbage collections per generation (a higher one counts for the lower ones too), their pauses, and allocated bytes.</summary>
internal readonly record struct Collections(int Gen0, int Gen1, int Gen2, TimeSpan Pause, long AllocatedBytes)
{
    public static Collections Now() => new(
        GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2), GC.GetTotalPauseDuration(), GC.GetTotalAllocatedBytes());

    public Collections Since(Collections before) => new(
        Gen0 - before.Gen0, Gen1 - before.Gen1, Gen2 - before.Gen2, Pause - before.Pause, AllocatedBytes - before.AllocatedBytes);

    public override string ToString() => $"GC {Gen0}/{Gen1}/{Gen2}, {Pause.TotalMilliseconds:N0} ms paused, {AllocatedBytes / 1e6:N0} MB";
}
