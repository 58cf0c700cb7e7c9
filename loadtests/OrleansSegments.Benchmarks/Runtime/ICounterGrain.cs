using Orleans;

namespace OrleansSegments.Benchmarks.Runtime;

/// <summary>The least a grain can do: one field, one method that ends at once and one that awaits.</summary>
public interface ICounterGrain : IGrainWithStringKey
{
    ValueTask<int> Add(int amount);

    ValueTask<int> AddLater(int amount);
}
