using Orleans.Runtime;
using OrleansSegments.Grains.Customers;

namespace OrleansSegments.ClusterTests.Hosting;

/// <summary>Takes grains out of memory, the one thing that a test asks of the runtime itself.</summary>
internal static class IdleGrains
{
    private const int SweepsMax = 10_000;

    /// <summary>Ends the activations of all customers.</summary>
    public static async Task ForgetCustomersAsync(this TestSilo silo)
    {
        var door = silo.Service<DirectDoor>();
        for (var sweep = 0; door.Count > 0; sweep++)
        {
            if (sweep == SweepsMax)
                throw new InvalidOperationException($"{door.Count} customers are still in memory after {SweepsMax} sweeps.");

            await silo.Grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);
        }
    }
}
