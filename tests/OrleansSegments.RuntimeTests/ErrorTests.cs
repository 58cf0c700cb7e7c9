using Orleans.Runtime;
using Orleans.Storage;
using OrleansSegments.RuntimeTests.Grains;
using OrleansSegments.RuntimeTests.Hosting;
using Xunit;

namespace OrleansSegments.RuntimeTests;

public sealed class ErrorTests
{
    [Fact]
    public async Task Exceptions_reach_the_caller_and_leave_the_grain_alive()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<IProbeGrain>("c:1");
        var instance = await grain.Instance();

        var atOnce = await Assert.ThrowsAsync<InvalidOperationException>(() => grain.FailAtOnce("at once"));
        var later = await Assert.ThrowsAsync<InvalidOperationException>(() => grain.FailLater("later"));

        Assert.Equal(("at once", "later"), (atOnce.Message, later.Message));
        Assert.Equal(instance, await grain.Instance());
    }

    [Fact]
    public async Task An_exception_of_a_call_that_had_to_wait_reaches_its_own_caller()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<IProbeGrain>("c:1");
        var blocking = grain.Wait("open");
        var failing = grain.FailAtOnce("queued");
        var next = grain.Instance();

        runtime.Probe.Open("open");

        await blocking;
        Assert.Equal("queued", (await Assert.ThrowsAsync<InvalidOperationException>(() => failing)).Message);
        await next;
    }

    [Fact]
    public async Task Cancellation_reaches_the_grain_and_the_caller()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<IProbeGrain>("c:1");
        using var cancellation = new CancellationTokenSource();
        var call = grain.WaitCancellable("never", cancellation.Token);
        await runtime.Probe.Reached("arrived:c:1");

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await runtime.Probe.Reached("cancelled:c:1");
        await grain.Instance();
    }

    [Fact]
    public async Task A_storage_conflict_deactivates_the_grain()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<IProbeGrain>("c:1");
        var first = await grain.Instance();

        await Assert.ThrowsAsync<InconsistentStateException>(grain.Conflict);

        Assert.NotEqual(first, await grain.Instance());
        Assert.Equal(1, runtime.Probe.Count("deactivated:c:1:ApplicationError"));
    }

    [Fact]
    public async Task A_call_that_takes_too_long_times_out_and_the_grain_goes_on()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<IProbeGrain>("c:1");
        var call = grain.Wait("open");
        await runtime.Probe.Reached("arrived:c:1");
        var waiting = grain.Instance();

        runtime.Clock.Advance(TimeSpan.FromSeconds(29));
        Assert.False(call.IsCompleted);
        runtime.Clock.Advance(TimeSpan.FromSeconds(3));

        await Assert.ThrowsAsync<TimeoutException>(() => call);
        await Assert.ThrowsAsync<TimeoutException>(() => waiting);
        runtime.Probe.Open("open");
        await runtime.Probe.Reached("left:c:1");
        await grain.Instance();
    }

    [Fact]
    public async Task A_method_may_have_a_response_timeout_of_its_own()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var call = runtime.Grains.GetGrain<IProbeGrain>("c:1").WaitShortly("never");

        runtime.Clock.Advance(TimeSpan.FromSeconds(7));

        await Assert.ThrowsAsync<TimeoutException>(() => call);
    }

    [Fact]
    public async Task A_grain_that_waits_for_itself_times_out()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<IProbeGrain>("c:1");
        var call = grain.CallItself();
        await runtime.Probe.Reached("calling:c:1");

        runtime.Clock.Advance(TimeSpan.FromSeconds(32));

        await Assert.ThrowsAsync<TimeoutException>(() => call);
        await grain.Instance();
    }

    [Fact]
    public async Task A_full_mailbox_refuses_the_next_call_and_serves_those_it_took()
    {
        await using var runtime = await RuntimeFixture.StartAsync(new() { MailboxCallsMax = 3 });
        var grain = runtime.Grains.GetGrain<IProbeGrain>("c:1");
        var blocking = grain.Wait("open");
        await runtime.Probe.Reached("arrived:c:1");
        var waiting = Enumerable.Range(0, 3).Select(_ => grain.Instance()).ToArray();

        await Assert.ThrowsAsync<LimitExceededException>(grain.Instance);

        runtime.Probe.Open("open");
        await blocking;
        Assert.Single((await Task.WhenAll(waiting)).Distinct());
        await grain.Instance();
    }
}
