#if !USE_ORLEANS
using OrleansSegments.RuntimeTests.Grains;
using OrleansSegments.RuntimeTests.Hosting;
using Xunit;

namespace OrleansSegments.RuntimeTests;

/// <summary>An option of the local runtime alone: the caller gets the very value that the grain returned.</summary>
public sealed class HandThroughTests
{
    [Fact]
    public async Task An_answer_that_is_handed_through_outlives_its_activation()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<IAnswerGrain>("c:1");
        var answer = grain.Later("gate", 7).AsTask();
        Assert.False(answer.IsCompleted);

        await grain.Leave();
        await runtime.Probe.Reached("left");
        runtime.Probe.Open("gate");

        Assert.Equal(7, await answer);
    }

    [Fact]
    public async Task An_answer_that_is_handed_through_has_no_response_timeout()
    {
        await using var runtime = await RuntimeFixture.StartAsync(new RuntimeSettings { ResponseTimeout = TimeSpan.FromSeconds(5) });
        var grain = runtime.Grains.GetGrain<IAnswerGrain>("c:1");
        var other = runtime.Grains.GetGrain<IProbeGrain>("c:1").Wait("gate");
        var answer = grain.Later("gate", 7).AsTask();

        runtime.Clock.Advance(TimeSpan.FromMinutes(1));

        await Assert.ThrowsAsync<TimeoutException>(() => other);
        runtime.Probe.Open("gate");
        Assert.Equal(7, await answer);
    }
}
#endif
