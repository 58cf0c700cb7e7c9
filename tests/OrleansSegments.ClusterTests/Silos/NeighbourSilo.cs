using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Engine.Features;
using OrleansSegments.Grains.Customers;
using OrleansSegments.Grains.Metrics;
using OrleansSegments.Grains.Models;
using OrleansSegments.Grains.Models.Rollouts;
using OrleansSegments.Grains.Passes;
using OrleansSegments.Grains.Populations;
using OrleansSegments.Grains.Segments.Statistics;
using OrleansSegments.Grains.Training;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.ClusterTests.Silos;

/// <summary>
/// Another silo as far as its services go: its own copy of the model, its own share of all work on the population, no customers in memory.
/// It asks the grains of the silo under test, and reads the same store.
/// </summary>
internal sealed class NeighbourSilo : IAsyncDisposable
{
    private readonly List<PassWorker> _workers = [];

    private NeighbourSilo(string name, TestSilo silo, SiloList silos)
    {
        Name = name;
        var store = silo.Service<ICustomerStore>();
        var features = silo.Service<FeatureEngine>();
        var reader = new PopulationReader(new Population(), store, silos.SeenBy(name));
        Models = new ModelCache(silo.Grains, silo.Service<FeatureCatalogue>(), silo.Clock, NullLogger<ModelCache>.Instance);
        var customers = new CustomerServices(
            store, new CustomerEvaluator(features), Models, new Population(), new StateMemory(), silo.Service<SegmentsMetrics>(), silo.Clock);
        Training = new WatchedDuty(new TrainingDuty(reader, features, store));
        Rollout = new WatchedDuty(new SweepDuty(silo.Grains, reader, silo.Service<IOptions<ModelOptions>>(), customers));
        Statistics = new WatchedDuty(new StatisticsDuty(reader, features));
        foreach (var duty in (IPassDuty[])[Training, Rollout, Statistics])
            _workers.Add(new PassWorker(duty, silo.Grains, silos.SeenBy(name), silo.Clock, NullLogger<PassWorker>.Instance));
    }

    public string Name { get; }

    public ModelCache Models { get; }

    public WatchedDuty Training { get; }

    public WatchedDuty Rollout { get; }

    public WatchedDuty Statistics { get; }

    public static async Task<NeighbourSilo> StartAsync(string name, TestSilo silo, SiloList silos)
    {
        var neighbour = new NeighbourSilo(name, silo, silos);
        await neighbour.Models.StartAsync(CancellationToken.None);
        foreach (var worker in neighbour._workers)
            await worker.StartAsync(CancellationToken.None);
        return neighbour;
    }

    /// <summary>Stops in the middle of whatever it does.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers)
            await worker.StopAsync(CancellationToken.None);
        await Models.StopAsync(CancellationToken.None);
    }
}
