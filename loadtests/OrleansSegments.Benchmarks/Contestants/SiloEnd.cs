using OrleansSegments.Grains.Customers;
using OrleansSegments.Silo.Hosting;

namespace OrleansSegments.Benchmarks.Contestants;

/// <summary>Ends a silo as the end of its process would: what it leaves alone in the same process must not take the processor from what is measured next.</summary>
internal static class SiloEnd
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    public static async Task StopAsync(SiloHost host)
    {
        DirectDoor door = host.Service<DirectDoor>();
        await host.DisposeAsync();
        using var timer = new PeriodicTimer(Look);
        int before;
        do
        {
            before = door.Count;
            await timer.WaitForNextTickAsync();
        }
        while (door.Count < before);

        GC.Collect();
    }
}
