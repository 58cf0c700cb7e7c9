namespace OrleansSegments.Engine.Models;

/// <summary>What sets a segment apart, strongest first, and the state that keeps its name from flickering.</summary>
/// <param name="Traits">The features behind the name.</param>
/// <param name="NamedAfter">The describing set that the name was made from, as <c>+feature</c> and <c>-feature</c>, sorted.</param>
/// <param name="DifferentFor">Successive models in which the describing set was another than <paramref name="NamedAfter"/>.</param>
public sealed record SegmentDescription(
    IReadOnlyList<SegmentTrait> Traits,
    IReadOnlyList<string> NamedAfter,
    int DifferentFor)
{
    public static SegmentDescription None { get; } = new([], [], 0);
}
