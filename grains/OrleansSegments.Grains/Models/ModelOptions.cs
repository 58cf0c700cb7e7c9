using System.ComponentModel.DataAnnotations;

namespace OrleansSegments.Grains.Models;

/// <summary>How models are kept and rolled out.</summary>
public sealed class ModelOptions
{
    public const string Section = "Models";

    /// <summary>Trained models kept with their centroids, for publishing again. 3 to 100.</summary>
    [Range(3, 100)]
    public int KeptMax { get; set; } = 10;
}
