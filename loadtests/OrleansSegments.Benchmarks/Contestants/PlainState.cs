using Orleans;

namespace OrleansSegments.Benchmarks.Contestants;

/// <summary>What <see cref="IPlainGrain"/> stores.</summary>
[GenerateSerializer, Alias("benchmark-plain-state")]
public sealed class PlainState
{
    [Id(0)]
    public byte[] Features { get; set; } = [];
}
