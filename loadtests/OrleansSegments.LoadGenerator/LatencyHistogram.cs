using HdrHistogram;

namespace OrleansSegments.LoadGenerator;

/// <summary>
/// Durations in an HDR histogram (Tene): every percentile is within 0.1 % of a recorded value between 100 ns and an hour; values outside
/// count as the nearer bound. Any thread may record; readers see an approximate snapshot.
/// </summary>
public sealed class LatencyHistogram
{
    private readonly LongConcurrentHistogram _ticks = new(1, TimeSpan.TicksPerHour, numberOfSignificantValueDigits: 3);

    public long Count => _ticks.TotalCount;

    public TimeSpan Max => Percentile(100);

    public void Record(TimeSpan duration) => _ticks.RecordValue(Math.Clamp(duration.Ticks, 1, TimeSpan.TicksPerHour));

    /// <summary>The duration not exceeded by <paramref name="percent"/> (0 to 100) of the records; zero without records.</summary>
    public TimeSpan Percentile(double percent) => Count == 0 ? TimeSpan.Zero : new TimeSpan(_ticks.GetValueAtPercentile(percent));
}
