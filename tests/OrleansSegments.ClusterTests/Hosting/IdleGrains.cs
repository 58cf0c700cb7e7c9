using Microsoft.Extensions.DependencyInjection;
using OrleansSegments.Grains.Populations;
#if USE_ORLEANS
using Orleans.Runtime;
#else
using OrleansSegments.LocalRuntime;
#endif

namespace OrleansSegments.ClusterTests.Hosting;

/// <summary>Takes grains out of memory, the one thing that a test asks of the runtime itself.</summary>
internal static class IdleGrains
{
    private const int SweepsMax = 10_000;

    /// <summary>Lets an activation count as idle as soon as nobody uses it.</summary>
    public static void CollectIdleAtOnce(this IServiceCollection services)
    {
#if !USE_ORLEANS
        services.Configure<LocalRuntimeOptions>(options => options.CollectionAge = TimeSpan.Zero);
#endif
    }

    /// <summary>Ends the activations of all customers.</summary>
    public static async Task ForgetCustomersAsync(this TestSilo silo)
    {
        var population = silo.Service<Population>();
        for (var sweep = 0; population.Count > 0; sweep++)
        {
            if (sweep == SweepsMax)
                throw new InvalidOperationException($"{population.Count} customers are still in memory after {SweepsMax} sweeps.");

#if USE_ORLEANS
            await silo.Grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);
#else
            silo.Service<LocalSilo>().CollectIdle();
            await Task.Yield();
#endif
        }
    }
}
