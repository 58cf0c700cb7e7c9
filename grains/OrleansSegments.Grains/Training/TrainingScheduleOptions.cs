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

    /// <summary>Who finds a first training's centroids on the sample: <c>builtin</c>, or <c>mlnet</c> in a build that has it.</summary>
    [RegularExpression("^(builtin|mlnet)$", ErrorMessage = "The field {0} must be builtin or mlnet.")]
    public string Seeder { get; set; } = "builtin";

    /// <summary>Whether Lloyd rounds over the whole population follow what was found on the sample. Only a comparison of trainers leaves them out.</summary>
    public bool Refine { get; set; } = true;

    /// <summary>Seed of sampling and seeding; the same population and seed give the same centroids to the bit.</summary>
    public ulong Seed { get; set; } = 1;
}
