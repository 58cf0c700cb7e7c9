using Orleans;
using OrleansSegments.RuntimeTests.Hosting;

namespace OrleansSegments.RuntimeTests.Grains;

public sealed class ValueGrain(Probe probe) : Grain, IValueGrain
{
    public async ValueTask<Guid> Key(bool later)
    {
        if (later)
        {
            await Task.Yield();
        }

        return this.GetPrimaryKey();
    }

    public async ValueTask Touch(bool later)
    {
        if (later)
        {
            await Task.Yield();
        }

        probe.Hit("touched");
    }

    public ValueTask<long> Sum(int a, long b, CancellationToken cancellationToken) => new(a + b);
}
