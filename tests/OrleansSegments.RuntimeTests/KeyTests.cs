using OrleansSegments.RuntimeTests.Grains;
using OrleansSegments.RuntimeTests.Hosting;
using Xunit;

namespace OrleansSegments.RuntimeTests;

public sealed class KeyTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Value_tasks_and_keys_go_through(bool later)
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var key = Guid.NewGuid();
        var grain = runtime.Grains.GetGrain<IValueGrain>(key);

        await grain.Touch(later);

        Assert.Equal(key, await grain.Key(later));
        Assert.Equal(12, await grain.Sum(5, 7, CancellationToken.None));
        Assert.Equal(1, runtime.Probe.Count("touched"));
    }

    [Fact]
    public async Task Keys_that_look_alike_are_different_grains()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        string[] keys = ["7", "007", "ab", "AB", " 7", "c:7"];

        var instances = await Task.WhenAll(keys.Select(key => runtime.Grains.GetGrain<IProbeGrain>(key).Instance()));

        Assert.Equal(keys.Length, instances.Distinct().Count());
    }
}
