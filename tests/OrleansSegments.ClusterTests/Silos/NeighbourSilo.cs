using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Runtime;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Engine.Features;
using OrleansSegments.Grains.Customers;
using OrleansSegments.Grains.Metrics;
using OrleansSegments.Grains.Models;
using OrleansSegments.Grains.Populations;
using OrleansSegments.Grains.Segments.Statistics;
using OrleansSegments.Grains.Training;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.ClusterTests.Silos;

/// <summary>
/// Another silo as far as its services go: its own copy of the model, its own share of all work on the population, no customers in memory.
/// It asks the grains of the silo under test, and reads the same store. The test can watch its calls, hold them, and let it die.
/// </summary>
internal sealed class NeighbourSilo : IAsyncDisposable
{
    private readonly PopulationWorker _worker;
    private readonly TaskCompletionSource _death = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private NeighbourSilo(string name, TestSilo silo, SiloList silos)
    {
        Name = name;
        var store = silo.Service<ICustomerStore>();
        var features = silo.Service<FeatureEngine>();
        Models = new ModelCache(silo.Grains, silo.Service<FeatureCatalogue>(), silo.Clock, NullLogger<ModelCache>.Instance);
        var customers = new CustomerServices(
            store, new CustomerEvaluator(features), Models, new DirectDoor(), new StateMemory(), silo.Service<SegmentsMetrics>(), silo.Clock);
        var reconsiderations = new Reconsiderations(customers, silo.Grains);
        _worker = new PopulationWorker(
            Models,
            new RolloutWork(customers, reconsiderations, silos.SeenBy(name), silo.Grains),
            new TrainingWork(store, features),
            new StatisticsWork(store, features),
            store,
            reconsiderations);
    }

    public string Name { get; }

    public ModelCache Models { get; }

    /// <summary>The names of the calls that were made, in order.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>Awaited before a call is done.</summary>
    public Func<string, Task> Before { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Awaited after a call is done, before it is answered.</summary>
    public Func<string, Task> After { get; set; } = static _ => Task.CompletedTask;

    public static async Task<NeighbourSilo> StartAsync(string name, TestSilo silo, SiloList silos)
    {
        var neighbour = new NeighbourSilo(name, silo, silos);
        await neighbour.Models.StartAsync(CancellationToken.None);
        return neighbour;
    }

    /// <summary>Does what the silo was asked to. A dead one answers nothing, and the runtime tells whoever waits.</summary>
    public async Task<object?> AnswerAsync(MethodInfo method, object?[] arguments)
    {
        Calls.Enqueue(method.Name);
        var work = WorkAsync(method, arguments);
        return await Task.WhenAny(work, _death.Task) == work ? await work : throw new SiloUnavailableException($"{Name} is dead.");
    }

    public async ValueTask DisposeAsync()
    {
        _death.TrySetResult();
        await Models.StopAsync(CancellationToken.None);
    }

    private async Task<object?> WorkAsync(MethodInfo method, object?[] arguments)
    {
        await Before(method.Name);
        var task = (Task)method.Invoke(_worker, arguments)!;
        await task;
        await After(method.Name);
        return method.ReturnType.IsGenericType ? method.ReturnType.GetProperty(nameof(Task<>.Result))!.GetValue(task) : null;
    }
}
