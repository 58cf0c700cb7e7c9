using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Grains.Populations;
using OrleansSegments.Grains.Silos;
using OrleansSegments.Grains.Workers;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.ClusterTests.Clusters;

/// <summary>Lets a test observe and block a cluster silo's store, its part of population work, and its membership view.</summary>
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

/// <summary>
/// Grain call filter for population work: a test can observe calls, and block them before they start or before they are answered.
/// </summary>
internal sealed class WatchedCalls : IIncomingGrainCallFilter
{
    private readonly ConcurrentQueue<string> _seen = new();

    /// <summary>The methods of <see cref="IPopulationWorker"/> that were called, in order.</summary>
    public IReadOnlyCollection<string> Seen => _seen;

    /// <summary>Awaited before a call is executed.</summary>
    public Func<string, Task> Before { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Awaited after a call is executed, before it is answered.</summary>
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

/// <summary>A silo's membership view without the silos that the test hides.</summary>
internal sealed class PartialView(ISiloMembership membership) : ISiloMembership
{
    private volatile string[] _hidden = [];

    public SiloView Current
    {
        get
        {
            var view = membership.Current;
            return _hidden.Length == 0 ? view : new SiloView(view.Self, view.Silos.Except(_hidden));
        }
    }

    public void Hide(params string[] silos) => _hidden = silos;
}
