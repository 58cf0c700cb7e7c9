namespace OrleansSegments.Grains.Models;

/// <summary>A segment as an earlier model had it.</summary>
/// <param name="ModelVersion">The last model that had it: customers who answered with it never answer with a lower one.</param>
public readonly record struct EarlierSegment(string Name, int ModelVersion);
