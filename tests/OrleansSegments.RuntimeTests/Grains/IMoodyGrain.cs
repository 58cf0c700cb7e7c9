using Orleans;

namespace OrleansSegments.RuntimeTests.Grains;

/// <summary>A grain whose first activation fails: at once, or for keys that start with "later", after a gate of the key's name.</summary>
[Alias("test-moody")]
public interface IMoodyGrain : IGrainWithStringKey
{
    [Alias("attempts")]
    Task<int> Attempts();
}
