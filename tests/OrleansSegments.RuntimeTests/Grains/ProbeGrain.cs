using Orleans;
using Orleans.Storage;
using OrleansSegments.RuntimeTests.Hosting;

namespace OrleansSegments.RuntimeTests.Grains;

public sealed class ProbeGrain(Probe probe) : Grain, IProbeGrain
{
    private readonly Guid _instance = Guid.NewGuid();
    private int _counter;

    private string Key => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        probe.Hit($"activated:{Key}");
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        probe.Hit($"deactivated:{Key}:{reason.ReasonCode}");
        return Task.CompletedTask;
    }

    public Task<Guid> Instance() => Task.FromResult(_instance);

    public async Task Wait(string gate)
    {
        probe.Hit($"arrived:{Key}");
        await probe.Gate(gate);
        probe.Hit($"left:{Key}");
    }

    public Task WaitInterleaved(string gate) => Wait(gate);

    public Task WaitReading(string gate) => Wait(gate);

    public Task WaitOneWay(string gate) => Wait(gate);

    public Task FailOneWay() => throw new InvalidOperationException("Nobody hears this.");

    public Task WaitShortly(string gate) => Wait(gate);

    public async Task WaitCancellable(string gate, CancellationToken cancellationToken)
    {
        probe.Hit($"arrived:{Key}");
        try
        {
            await probe.Gate(gate).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            probe.Hit($"cancelled:{Key}");
            throw;
        }
    }

    public Task FailAtOnce(string message) => throw new InvalidOperationException(message);

    public async Task<int> FailLater(string message)
    {
        await Task.Yield();
        throw new InvalidOperationException(message);
    }

    public async Task Conflict()
    {
        await Task.Yield();
        throw new InconsistentStateException("Someone else wrote it.");
    }

    public Task Deactivate()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public new Task DelayDeactivation(TimeSpan time)
    {
        base.DelayDeactivation(time);
        return Task.CompletedTask;
    }

    public async Task<int> CountSlowly()
    {
        var before = _counter;
        for (var i = 0; i < 5; i++)
        {
            await Task.Yield();
        }

        return _counter = before + 1;
    }

    public async Task<int> Chain(int left) =>
        left == 0 ? 1 : 1 + await GrainFactory.GetGrain<IProbeGrain>($"chain:{left}").Chain(left - 1);

    public Task CallItself()
    {
        var call = this.AsReference<IProbeGrain>().Instance();
        probe.Hit($"calling:{Key}");
        return call;
    }
}
