using Orleans;
using Orleans.Concurrency;
using OrleansSegments.RuntimeTests.Hosting;

namespace OrleansSegments.RuntimeTests.Grains;

[StatelessWorker(2)]
public sealed class WorkerGrain(Probe probe) : Grain, IWorkerGrain
{
    private readonly Guid _instance = Guid.NewGuid();

    public async Task<Guid> Wait(string gate)
    {
        probe.Hit("worker");
        await probe.Gate(gate);
        return _instance;
    }
}
