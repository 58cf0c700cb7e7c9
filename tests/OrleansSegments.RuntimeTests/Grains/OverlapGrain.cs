using Orleans;
using Orleans.Concurrency;
using OrleansSegments.RuntimeTests.Hosting;

namespace OrleansSegments.RuntimeTests.Grains;

[Reentrant]
public sealed class OverlapGrain(Probe probe) : Grain, IOverlapGrain
{
    private int _inside;
    private int _begun;

    public async Task TurnOften(int turns)
    {
        for (var turn = 0; turn < turns; turn++)
        {
            if (Interlocked.Increment(ref _inside) != 1)
            {
                throw new InvalidOperationException("Two turns ran at the same time.");
            }

            Interlocked.Decrement(ref _inside);
            await Task.Yield();
        }
    }

    public async Task<int> Wait(string gate)
    {
        _begun++;
        probe.Hit($"arrived:{this.GetPrimaryKeyString()}");
        await probe.Gate(gate);
        return _begun;
    }
}
