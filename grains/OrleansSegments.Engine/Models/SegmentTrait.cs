namespace OrleansSegments.Engine.Models;

/// <summary>One feature in which a segment differs from the population.</summary>
/// <param name="Z">The segment's centre minus the population's mean, in population standard deviations.</param>
/// <param name="Phrase">The words for it, for example "frequent".</param>
/// <param name="SegmentMean">The segment's centre in transformed units (before centring and scaling).</param>
/// <param name="PopulationMean">The population's mean in the same units.</param>
public sealed record SegmentTrait(string Feature, double Z, string Phrase, double SegmentMean, double PopulationMean)
{
    public bool IsHigh => Z > 0;
}
