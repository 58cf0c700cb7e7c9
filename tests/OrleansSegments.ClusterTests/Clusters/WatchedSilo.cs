using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Grains.Silos;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.ClusterTests.Clusters;

/// <summary>What a test can watch and hold in a silo of a cluster: its store, its part in work on the population, whom it sees.</summary>
internal static class WatchedSilo
{
    public static void Watch(IServiceCollection services)
    {
        UnreliableStore.Replace(services);
        var membership = services.Single(service => service.ServiceType == typeof(ISiloMembership)).ImplementationType!;
        services.Replace(ServiceDescriptor.Singleton<ISiloMembership>(
            provider => new PartialView((ISiloMembership)ActivatorUtilities.CreateInstance(provider, membership))));
        services.AddSingleton<WatchedCalls>();
        services.AddSingleton<IIncomingGrainCallFilter>(provider => provider.GetRequiredService<WatchedCalls>());
    }

    public static UnreliableStore Store(this TestSilo silo) => (UnreliableStore)silo.Service<ICustomerStore>();

    public static PartialView View(this TestSilo silo) => (PartialView)silo.Service<ISiloMembership>();

    public static WatchedCalls Calls(this TestSilo silo) => silo.Service<WatchedCalls>();
}
