using System.Collections.Concurrent;
using Orleans;
using OrleansSegments.Grains.Populations;

namespace OrleansSegments.ClusterTests.Clusters;

/// <summary>What a silo is asked to do for work on the whole population: a test can watch it, and hold it before it begins or before it is answered.</summary>
internal sealed class WatchedCalls : IIncomingGrainCallFilter
{
    private readonly ConcurrentQueue<string> _seen = new();

    /// <summary>The methods of <see cref="IPopulationWorker"/> that were called, in order.</summary>
    public IReadOnlyCollection<string> Seen => _seen;

    /// <summary>Awaited before a call is done.</summary>
    public Func<string, Task> Before { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Awaited after a call is done, before it is answered.</summary>
    public Func<string, Task> After { get; set; } = static _ => Task.CompletedTask;

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.Grain is not PopulationWorker)
        {
            await context.Invoke();
            return;
        }

        _seen.Enqueue(context.MethodName);
        await Before(context.MethodName);
        await context.Invoke();
        await After(context.MethodName);
    }
}
