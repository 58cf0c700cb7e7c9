#if !USE_ORLEANS
using OrleansSegments.RuntimeTests.Grains;
using OrleansSegments.RuntimeTests.Hosting;
using Xunit;

namespace OrleansSegments.RuntimeTests;

/// <summary>Orleans compares a delay with the machine's clock, which no test can move.</summary>
public sealed class DelayTests
{
    [Fact]
    public async Task A_delayed_deactivation_outlives_the_collection_age()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<IProbeGrain>("c:1");
        await grain.DelayDeactivation(TimeSpan.FromHours(1));

        runtime.Clock.Advance(TimeSpan.FromMinutes(30));
        await runtime.CollectIdle();
        Assert.Equal(1, await runtime.CountActivations<ProbeGrain>());

        runtime.Clock.Advance(TimeSpan.FromMinutes(40));
        await runtime.CollectIdle();
        await runtime.Probe.Reached("deactivated:c:1:ActivationIdle");
    }
}
#endif
