using Orleans;
using Orleans.Runtime;
using OrleansSegments.RuntimeTests.Hosting;

namespace OrleansSegments.RuntimeTests.Grains;

public sealed class TimerGrain(Probe probe) : Grain, ITimerGrain
{
    private IGrainTimer? _timer;

    private string Key => this.GetPrimaryKeyString();

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        probe.Hit($"deactivated:{Key}");
        return Task.CompletedTask;
    }

    public Task Start(TimeSpan dueTime, TimeSpan period, bool interleave)
    {
        _timer = this.RegisterGrainTimer(Tick, new GrainTimerCreationOptions(dueTime, period) { Interleave = interleave });
        return Task.CompletedTask;
    }

    public Task Change(TimeSpan dueTime, TimeSpan period)
    {
        _timer!.Change(dueTime, period);
        return Task.CompletedTask;
    }

    public Task Stop()
    {
        _timer!.Dispose();
        return Task.CompletedTask;
    }

    public async Task Wait(string gate)
    {
        probe.Hit($"arrived:{Key}");
        await probe.Gate(gate);
        probe.Hit($"left:{Key}:{probe.Count($"tick:{Key}")}");
    }

    public Task Deactivate()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    private Task Tick(CancellationToken cancellationToken)
    {
        probe.Hit($"tick:{Key}");
        return Task.CompletedTask;
    }
}
