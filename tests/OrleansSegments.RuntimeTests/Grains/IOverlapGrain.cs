using Orleans;

namespace OrleansSegments.RuntimeTests.Grains;

/// <summary>A reentrant grain that watches over its own turns.</summary>
[Alias("test-overlap")]
public interface IOverlapGrain : IGrainWithStringKey
{
    /// <summary>Takes many turns; fails when two turns ran at the same time.</summary>
    [Alias("turn-often")]
    Task TurnOften(int turns);

    /// <summary>Calls begun and not ended, after waiting at the gate.</summary>
    [Alias("wait")]
    Task<int> Wait(string gate);
}
