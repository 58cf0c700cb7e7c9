using Orleans;
using OrleansSegments.RuntimeTests.Hosting;

namespace OrleansSegments.RuntimeTests.Grains;

public sealed class AnswerGrain(Probe probe) : Grain, IAnswerGrain
{
    public ValueTask<int> Later(string gate, int number) => new(AnswerAsync(probe.Gate(gate), number));

    public ValueTask Leave()
    {
        DeactivateOnIdle();
        return ValueTask.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        probe.Hit("left");
        return Task.CompletedTask;
    }

    private static async Task<int> AnswerAsync(Task gate, int number)
    {
        await gate.ConfigureAwait(false);
        return number;
    }
}
