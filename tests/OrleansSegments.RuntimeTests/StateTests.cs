using OrleansSegments.RuntimeTests.Grains;
using OrleansSegments.RuntimeTests.Hosting;
using Xunit;

namespace OrleansSegments.RuntimeTests;

public sealed class StateTests
{
    [Fact]
    public async Task Written_state_is_there_after_a_deactivation_and_after_a_restart()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<INotebookGrain>("n");
        await grain.Write("one");
        await grain.Deactivate();
        await grain.Write("two");

        await runtime.RestartAsync();

        Assert.Equal(["one", "two"], await runtime.Grains.GetGrain<INotebookGrain>("n").Read());
        Assert.Empty(await runtime.Grains.GetGrain<INotebookGrain>("other").Read());
    }

    [Fact]
    public async Task Cleared_state_starts_over_and_can_be_written_again()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<INotebookGrain>("n");
        await grain.Write("one");
        await grain.Clear();
        Assert.Empty(await grain.Read());

        await grain.Write("two");
        await grain.Deactivate();

        Assert.Equal(["two"], await grain.Read());
    }
}
