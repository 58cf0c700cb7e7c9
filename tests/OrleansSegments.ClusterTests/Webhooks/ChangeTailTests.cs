using OrleansSegments.Contracts.Changes;
using OrleansSegments.Webhooks;
using Xunit;

namespace OrleansSegments.ClusterTests.Webhooks;

/// <summary>Many webhooks read the end of the log together, and those that are behind read it alone.</summary>
public sealed class ChangeTailTests
{
    private const int LogMax = 60_000;

    private readonly Lock _gate = new();
    private readonly List<TransitionView> _log = [];
    private TaskCompletionSource _grown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _reads;

    [Fact]
    public async Task However_many_wait_for_the_end_of_the_log_one_call_does()
    {
        var tail = new ChangeTail(ReadLogAsync);
        Grow(1);
        Task<TransitionView[]>[] waiting = [.. Enumerable.Range(0, 100).Select(_ => tail.ReadAsync(3, 10, CancellationToken.None))];
        Assert.All(waiting, wait => Assert.False(wait.IsCompleted));

        Grow(2);

        Assert.All(await Task.WhenAll(waiting), page => Assert.Equal([6L, 9L], page.Select(one => one.Sequence)));
        Assert.Equal(1, _reads);
        Assert.Equal(6, Assert.Single(await tail.ReadAsync(3, 1, CancellationToken.None)).Sequence);
        Assert.Equal(1, _reads);
    }

    /// <summary>More transitions than are kept, read by readers of every speed from everywhere.</summary>
    [Fact]
    public async Task Every_reader_sees_every_transition_once_in_order()
    {
        var tail = new ChangeTail(ReadLogAsync);
        Grow(20_000);
        var readers = Enumerable.Range(0, 12).Select(async number =>
        {
            var random = new Random(number);
            long after = number % 3 == 0 ? 0 : 3L * random.Next(20_000);
            var first = after;
            var seen = 0L;
            while (after < 3 * LogMax)
            {
                foreach (var transition in await tail.ReadAsync(after, random.Next(1, 900), CancellationToken.None))
                {
                    Assert.Equal(after + 3, transition.Sequence);
                    (after, seen) = (transition.Sequence, seen + 1);
                }

                await Task.Yield();
            }

            Assert.Equal(LogMax - (first / 3), seen);
        }).ToArray();
        while (_log.Count < LogMax)
        {
            Grow(Math.Min(777, LogMax - _log.Count));
            await Task.Yield();
        }

        await Task.WhenAll(readers).WaitAsync(TestKit.Waiting.Condition.Patience);
    }

    [Fact]
    public async Task A_reading_that_fails_is_told_to_all_and_the_next_one_succeeds()
    {
        var fails = true;
        var tail = new ChangeTail((after, limit, wait) => fails ? Task.FromException<TransitionView[]>(new TimeoutException()) : ReadLogAsync(after, limit, wait));
        await Assert.ThrowsAsync<TimeoutException>(() => tail.ReadAsync(0, 10, CancellationToken.None));

        fails = false;
        Grow(1);

        Assert.Single(await tail.ReadAsync(0, 10, CancellationToken.None));
    }

    private void Grow(int count)
    {
        TaskCompletionSource grown;
        lock (_gate)
        {
            for (var i = 0; i < count; i++)
            {
                _log.Add(new TransitionView(3 * (_log.Count + 1), "ada", null, "s0", "event", 1, default));
            }

            (grown, _grown) = (_grown, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        grown.SetResult();
    }

    private async Task<TransitionView[]> ReadLogAsync(long after, int limit, TimeSpan wait)
    {
        Interlocked.Increment(ref _reads);
        while (true)
        {
            Task grown;
            lock (_gate)
            {
                if (_log.Skip((int)(after / 3)).Take(limit).ToArray() is { Length: > 0 } page)
                {
                    return page;
                }

                grown = _grown.Task;
            }

            await grown;
        }
    }
}
