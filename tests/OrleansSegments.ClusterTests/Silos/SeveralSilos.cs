using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans;
using OrleansSegments.ClusterTests.Hosting;

namespace OrleansSegments.ClusterTests.Silos;

/// <summary>A silo with neighbours, on one store.</summary>
internal sealed class SeveralSilos : IAsyncDisposable
{
    public const string FirstName = "silo-a";

    private readonly List<NeighbourSilo> _neighbours = [];
    private readonly NeighbourCalls _calls;

    private SeveralSilos(TestSilo first, SiloList silos, UnreliableStore store, NeighbourCalls calls) =>
        (First, Silos, Store, _calls) = (first, silos, store, calls);

    /// <summary>The silo whose grains all of them ask.</summary>
    public TestSilo First { get; }

    public SiloList Silos { get; }

    /// <summary>The store that all share.</summary>
    public UnreliableStore Store { get; }

    public NeighbourSilo this[int neighbour] => _neighbours[neighbour];

    public static async Task<SeveralSilos> StartAsync(TestFolder folder, DateTimeOffset at, int neighbours)
    {
        var silos = new SiloList(FirstName);
        var calls = new NeighbourCalls();
        UnreliableStore? store = null;
        var first = await TestSilo.StartAsync(
            folder,
            at,
            services =>
            {
                store = UnreliableStore.Replace(services);
                services.Replace(ServiceDescriptor.Singleton(silos.SeenBy(FirstName)));
                services.AddSingleton<IIncomingGrainCallFilter>(calls);
            });
        var all = new SeveralSilos(first, silos, store!, calls);
        for (var number = 0; number < neighbours; number++)
            await all.JoinAsync($"silo-{(char)('b' + number)}");
        return all;
    }

    public async Task<NeighbourSilo> JoinAsync(string name)
    {
        var neighbour = await NeighbourSilo.StartAsync(name, First, Silos);
        _neighbours.Add(neighbour);
        _calls.Add(neighbour);
        Silos.Join(name);
        return neighbour;
    }

    /// <summary>Ends a neighbour in the middle of what it does; the others notice.</summary>
    public async Task KillAsync(NeighbourSilo neighbour)
    {
        Silos.Leave(neighbour.Name);
        await neighbour.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var neighbour in _neighbours)
            await neighbour.DisposeAsync();
        await First.DisposeAsync();
    }
}
