using Orleans;
using OrleansSegments.RuntimeTests.Hosting;

namespace OrleansSegments.RuntimeTests.Grains;

public sealed class MoodyGrain(Probe probe) : Grain, IMoodyGrain
{
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyString();
        var attempt = probe.Hit($"attempt:{key}");
        if (key.StartsWith("later", StringComparison.Ordinal))
        {
            await probe.Gate(key);
        }

        if (attempt == 1)
        {
            throw new InvalidOperationException("Not in the mood.");
        }
    }

    public Task<int> Attempts() => Task.FromResult(probe.Count($"attempt:{this.GetPrimaryKeyString()}"));
}
