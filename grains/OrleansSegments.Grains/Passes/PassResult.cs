using Orleans;

namespace OrleansSegments.Grains.Passes;

/// <summary>What came of a share. Results of shares merge in any order.</summary>
/// <param name="Rows">Customers looked at.</param>
[GenerateSerializer, Immutable, Alias("pass-result")]
public abstract record PassResult([property: Id(0)] long Rows);
