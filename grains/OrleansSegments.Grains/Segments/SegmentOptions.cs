using System.ComponentModel.DataAnnotations;

namespace OrleansSegments.Grains.Segments;

/// <summary>How segments remember their size and how fresh their statistics are.</summary>
public sealed class SegmentOptions
{
    public const string Section = "Segments";

    /// <summary>Distance between kept sizes; the newest one is kept up to the commit. 1 s to 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan SizeHistoryBucket { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Sizes kept; beyond it every second one of the older half goes. 100 to 100000.</summary>
    [Range(100, 100_000)]
    public int SizeHistoryMax { get; set; } = 2_000;

    /// <summary>Means per feature are computed again when they are asked for and older than this. 0 s to 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan StatisticsAgeMax { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often sizes are told to the segment grains. 100 ms to 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan TotalsInterval { get; set; } = TimeSpan.FromSeconds(1);
}
