namespace OrleansSegments.Benchmarks.Store;

/// <summary>One phase of the store's benchmark.</summary>
public sealed record StoreBenchmarkResult(
    string Phase, long Changes, double Seconds, double MillisecondsP50, double MillisecondsP99, double MillisecondsMax, long Commits)
{
    public double ChangesPerSecond => Changes / Seconds;

    public override string ToString() =>
        $"{Phase,-18} {Changes,10:N0} changes {ChangesPerSecond,10:N0}/s  p50 {MillisecondsP50,7:F1} ms  p99 {MillisecondsP99,7:F1} ms  max {MillisecondsMax,7:F0} ms  {Commits,7:N0} commits";
}
