using OrleansSegments.Engine.Models;

namespace OrleansSegments.Engine.Naming;

/// <summary>A segment's name and what it was made from.</summary>
public sealed record NamedSegment(string Name, SegmentDescription Description);
