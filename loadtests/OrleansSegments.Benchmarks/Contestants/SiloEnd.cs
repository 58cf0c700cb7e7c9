using OrleansSegments.Grains.Customers;
using OrleansSegments.Silo.Hosting;

namespace OrleansSegments.Benchmarks.Contestants;

/// <summary>Ends a silo as the end of its process would: what it leaves alone in the same process must not take the processor from what is measured next.</summary>
internal static class SiloEnd
{
    private static readonly TimeSpan LeftAloneMax = TimeSpan.FromMinutes(3);

    public static async Task StopAsync(SiloHost host)
    {
        DirectDoor door = host.Service<DirectDoor>();
        await host.DisposeAsync();
        using var deadline = new CancellationTokenSource(LeftAloneMax);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (door.Count > 0)
        {
            await timer.WaitForNextTickAsync(deadline.Token);
        }

        GC.Collect();
    }
}
