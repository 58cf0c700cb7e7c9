using System.ComponentModel.DataAnnotations;

namespace OrleansSegments.Grains.Deadlines;

/// <summary>How customers that time alone is due to move are found.</summary>
public sealed class DeadlineOptions
{
    public const string Section = "Deadlines";

    /// <summary>How often the earliest deadline is compared with the clock. 50 ms to 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:01:00")]
    public TimeSpan ScanInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Due customers read at a time. 1 to 65536.</summary>
    [Range(1, 65_536)]
    public int BatchMax { get; set; } = 2_048;
}
