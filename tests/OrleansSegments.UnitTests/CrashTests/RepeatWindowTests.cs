using OrleansSegments.CrashTests.Load;
using Xunit;

namespace OrleansSegments.UnitTests.CrashTests;

/// <summary>When a batch has to wait for others that may yet be repeated.</summary>
public sealed class RepeatWindowTests
{
    private readonly RepeatWindow _window = new(customerEventsMax: 3);

    [Fact]
    public async Task A_batch_that_would_push_events_of_an_open_one_out_of_memory_waits_for_its_end()
    {
        EventBatch open = Batch("ada", "ada");
        Assert.True(Begin(open).IsCompletedSuccessfully);
        Assert.True(Begin(Batch("ada")).IsCompletedSuccessfully);

        Task last = Begin(Batch("ada"));
        Assert.False(last.IsCompleted);

        _window.End(open);
        await last.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Nobody_waits_for_other_customers_or_for_what_has_ended()
    {
        EventBatch ended = Batch("ada", "ada", "ada");
        Assert.True(Begin(ended).IsCompletedSuccessfully);
        Assert.True(Begin(Batch("bob", "bob", "bob")).IsCompletedSuccessfully);
        _window.End(ended);

        Assert.True(Begin(Batch("ada", "ada", "ada")).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Waiting_can_be_given_up()
    {
        await Begin(Batch("ada", "ada", "ada"));
        using var stop = new CancellationTokenSource();
        Task waiting = _window.BeginAsync(Batch("ada"), stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    private Task Begin(EventBatch batch) => _window.BeginAsync(batch, TestContext.Current.CancellationToken);

    private static EventBatch Batch(params string[] customerIds) => new([.. customerIds.Select(id => new BatchedEvent(id, "{}"u8.ToArray()))]);
}
