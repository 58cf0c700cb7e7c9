#if !USE_ORLEANS
using OrleansSegments.RuntimeTests.Grains;
using OrleansSegments.RuntimeTests.Hosting;
using Xunit;

namespace OrleansSegments.RuntimeTests;

/// <summary>
/// What becomes of calls that wait. Here a call waits from the moment it is made; on Orleans it may still be on its way, so that it is made with
/// a token that is cancelled already, or finds the next activation instead of the one that fails.
/// </summary>
public sealed class WaitingCallTests
{
    [Fact]
    public async Task A_call_cancelled_while_it_waits_is_never_made()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<IProbeGrain>("c:1");
        using var cancellation = new CancellationTokenSource();
        var blocking = grain.Wait("open");
        var call = grain.WaitCancellable("open", cancellation.Token);

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        runtime.Probe.Open("open");
        await blocking;
        await grain.Instance();

        Assert.Equal(1, runtime.Probe.Count("arrived:c:1"));
    }

    [Fact]
    public async Task A_late_failure_of_an_activation_fails_all_calls_that_wait_for_it()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<IMoodyGrain>("later");
        var calls = Enumerable.Range(0, 5).Select(_ => grain.Attempts()).ToArray();
        await runtime.Probe.Reached("attempt:later");

        runtime.Probe.Open("later");

        foreach (var call in calls)
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => call);
        }

        Assert.Equal(2, await grain.Attempts());
    }
}
#endif
