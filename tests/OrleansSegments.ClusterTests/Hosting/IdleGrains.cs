using Orleans.Runtime;
using OrleansSegments.Grains.Customers;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.ClusterTests.Hosting;

/// <summary>Takes grains out of memory, the one thing that a test asks of the runtime itself.</summary>
internal static class IdleGrains
{
    /// <summary>Ends the activations of all customers.</summary>
    public static Task ForgetCustomersAsync(this TestSilo silo)
    {
        var door = silo.Service<DirectDoor>();
        return silo.CollectUntilAsync("all customers leave memory", () => door.Count == 0, () => $"{door.Count} are still there.");
    }

    /// <summary>Collects idle activations, again and again, until a condition holds.</summary>
    /// <exception cref="TimeoutException">It did not come to hold.</exception>
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
