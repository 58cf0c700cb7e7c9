namespace OrleansSegments.Engine.Features;

/// <summary>From the natural value to the value that distances are measured in, before scaling.</summary>
public enum Transform
{
    None,

    /// <summary>log(1 + x); for counts, money and durations. Values below zero count as zero.</summary>
    Log1p,

    /// <summary>Square root, which turns Euclidean distance between shares into Hellinger distance.</summary>
    Sqrt,
}
