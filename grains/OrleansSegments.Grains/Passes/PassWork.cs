using Orleans;

namespace OrleansSegments.Grains.Passes;

/// <summary>What is to be done with every customer of a share. It says everything that is needed, so that any silo can do any part at any time.</summary>
[GenerateSerializer, Immutable, Alias("pass-work")]
public abstract record PassWork;
