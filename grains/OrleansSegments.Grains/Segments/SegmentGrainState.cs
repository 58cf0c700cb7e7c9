using OrleansSegments.Contracts.Segments;

namespace OrleansSegments.Grains.Segments;

/// <summary>What a segment grain keeps.</summary>
public sealed class SegmentGrainState
{
    /// <summary>Null until a model names the segment.</summary>
    public SegmentDefinition? Definition { get; set; }

    /// <summary>Oldest first, at most one a bucket.</summary>
    public List<SizeSample> Sizes { get; set; } = [];
}
