using System.Collections.Concurrent;
using Orleans;
using OrleansSegments.Grains.Populations;

namespace OrleansSegments.ClusterTests.Silos;

/// <summary>Leads the calls for a neighbour's hand in work on the population to the neighbour.</summary>
internal sealed class NeighbourCalls : IIncomingGrainCallFilter
{
    private readonly ConcurrentDictionary<string, NeighbourSilo> _neighbours = new();

    public void Add(NeighbourSilo neighbour) => _neighbours[neighbour.Name] = neighbour;

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.Grain is PopulationWorker worker && _neighbours.TryGetValue(worker.GetPrimaryKeyString(), out var neighbour))
        {
            var arguments = Enumerable.Range(0, context.Request.GetArgumentCount()).Select(context.Request.GetArgument).ToArray();
            context.Result = await neighbour.AnswerAsync(context.InterfaceMethod, arguments);
            return;
        }

        await context.Invoke();
    }
}
