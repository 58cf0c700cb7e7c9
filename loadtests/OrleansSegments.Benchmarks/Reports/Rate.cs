namespace OrleansSegments.Benchmarks.Reports;

/// <summary>So many operations in so much time, by the clock and by the processor. The second means something on a shared machine, too.</summary>
internal readonly record struct Rate(double Operations, TimeSpan Elapsed, TimeSpan ProcessorTime)
{
    public double PerSecond => Operations / Elapsed.TotalSeconds;

    /// <summary>All threads of the process, the collector's included.</summary>
    public double ProcessorNanosecondsEach => ProcessorTime.TotalNanoseconds / Operations;
}
