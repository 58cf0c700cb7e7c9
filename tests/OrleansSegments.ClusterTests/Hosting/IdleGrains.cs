using Orleans.Runtime;
using OrleansSegments.Grains.Customers;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.ClusterTests.Hosting;

/// <summary>Deactivates grains, the only thing that tests require of the runtime directly.</summary>
internal static class IdleGrains
{
    /// <summary>Deactivates all customers.</summary>
    public static Task ForgetCustomersAsync(this TestSilo silo)
    {
        var door = silo.Service<DirectDoor>();
        return silo.CollectUntilAsync("all customers leave memory", () => door.Count == 0, () => $"{door.Count} are still there.");
    }

    /// <summary>Collects idle activations repeatedly until a condition holds.</summary>
    /// <exception cref="TimeoutException">Thrown when it did not hold in time.</exception>
    public static Task CollectUntilAsync(this TestSilo silo, string condition, Func<bool> holds, Func<string>? explain = null) => Condition.HoldsAsync(
        condition,
        async () =>
        {
            if (!holds())
                await silo.Grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);
            return holds();
        },
        explain);
}
