using Orleans;

namespace OrleansSegments.Benchmarks.Runtime;

public sealed class CounterGrain : Grain, ICounterGrain
{
    private int _total;

    public ValueTask<int> Add(int amount) => new(_total += amount);

    public async ValueTask<int> AddLater(int amount)
    {
        await Task.Yield();
        return _total += amount;
    }
}
