using Orleans;

namespace OrleansSegments.RuntimeTests.Grains;

/// <summary>A stateless worker, two per silo.</summary>
[Alias("test-worker")]
public interface IWorkerGrain : IGrainWithIntegerKey
{
    [Alias("wait")]
    Task<Guid> Wait(string gate);
}
