using OrleansSegments.ClusterTests.Clusters;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Simulator;
using OrleansSegments.Tools.Demo;
using Xunit;

[assembly: AssemblyFixture(typeof(TrainedPopulation))]

namespace OrleansSegments.ClusterTests.Clusters;

/// <summary>Simulated shoppers after forty days under a trained model, created once; every test works on a copy of the folder.</summary>
public sealed class TrainedPopulation : IAsyncLifetime
{
    public const int Customers = 1_500;
    public const int Days = 40;

    private readonly TestFolder _folder = new();

    public TrainedPopulation() => Database = new TrainedDatabase(this);

    /// <summary>The moment at which the folder was closed.</summary>
    public static DateTimeOffset End { get; } = new SimulationOptions().Start.AddDays(Days + 1);

    /// <summary>The version of the model under which everybody was evaluated.</summary>
    public int ModelVersion { get; private set; }

    public static IEnumerable<Contracts.Events.CustomerEvent> Events(int customers = Customers, int days = Days, ulong seed = 1) =>
        new Simulation(new SimulationOptions { Customers = customers, Days = days, Seed = seed }).Partition().Events()
            .Select(simulated => ShopperSource.Convert(simulated));

    /// <summary>The same for clusters.</summary>
    internal TrainedDatabase Database { get; }

    public TestFolder Copy() => _folder.Copy();

    public async ValueTask InitializeAsync()
    {
        await using var silo = await TestSilo.StartAsync(_folder, End);
        await silo.RouteAllAsync(Events());
        ModelVersion = await silo.PublishAsync();
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
