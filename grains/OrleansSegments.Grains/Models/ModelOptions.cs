using System.ComponentModel.DataAnnotations;

namespace OrleansSegments.Grains.Models;

/// <summary>How models are kept and rolled out.</summary>
public sealed class ModelOptions
{
    public const string Section = "Models";

    /// <summary>Trained models kept with their centroids, for publishing again. 3 to 100.</summary>
    [Range(3, 100)]
    public int KeptMax { get; set; } = 10;

    /// <summary>Customers asked to reclassify themselves at a time during a roll-out. 1 to 4096.</summary>
    [Range(1, 4096)]
    public int RolloutCallsMax { get; set; } = 512;

    /// <summary>Passes over the population before a roll-out gives up finding nobody left behind. 2 to 20.</summary>
    [Range(2, 20)]
    public int RolloutPassesMax { get; set; } = 8;
}
