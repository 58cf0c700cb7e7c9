using OrleansSegments.Grains.Passes;

namespace OrleansSegments.ClusterTests.Passes;

/// <summary>A result that remembers which parts it is about.</summary>
internal sealed record CountResult(int[] Parts) : PassResult(Parts.Length);
