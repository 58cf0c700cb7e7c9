using System.ComponentModel.DataAnnotations;

namespace OrleansSegments.Grains.Training;

/// <summary>When and how centroids are recomputed.</summary>
public sealed class TrainingScheduleOptions
{
    public const string Section = "Training";

    /// <summary>Between scheduled trainings. 1 min to 31 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "31.00:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Whether the schedule runs; training on demand always does.</summary>
    public bool Scheduled { get; set; } = true;

    /// <summary>Customers below which there is nothing to learn from. 2 to 1000000.</summary>
    [Range(2, 1_000_000)]
    public int PopulationMin { get; set; } = 50;

    /// <summary>Fewest segments considered when K is chosen. 2 to 64.</summary>
    [Range(2, 64)]
    public int SegmentsMin { get; set; } = 4;

    /// <summary>Most segments considered when K is chosen. 2 to 64.</summary>
    [Range(2, 64)]
    public int SegmentsMax { get; set; } = 10;

    /// <summary>Fixes the number of segments; 0 leaves the choice to stability. 0 to 64.</summary>
    [Range(0, 64)]
    public int SegmentsFixed { get; set; }

    /// <summary>How much closer another centroid must be before a customer leaves. 0 to 0.5.</summary>
    [Range(0.0, 0.5)]
    public double HysteresisMargin { get; set; } = 0.15;

    /// <summary>Seed of sampling and seeding; the same population and seed give the same centroids to the bit.</summary>
    public ulong Seed { get; set; } = 1;
}
