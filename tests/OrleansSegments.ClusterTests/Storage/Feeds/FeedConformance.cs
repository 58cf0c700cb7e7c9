using OrleansSegments.ClusterTests.Storage.Places;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Transitions;
using OrleansSegments.TestKit.Waiting;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Feeds;

public abstract class FeedConformance : StoreTests
{
    private static readonly string[] Neighbours = ["c:1", "c:10", "c:\0", "C:1"];

    [Fact]
    public async Task A_change_within_a_segment_is_not_a_transition()
    {
        await using var run = await Place.OpenAsync();
        await run.CommitAllAsync([SampleChange.Of("c:1", 1, null, 4)]);
        await run.CommitAllAsync([SampleChange.Of("c:1", 2, 4, 4), SampleChange.Of("c:1", 3, 4, 4)]);
        await run.CommitAllAsync([SampleChange.Of("c:1", 4, 4, 5)]);

        Assert.Equal([4, 5], (await run.FeedAsync(2)).Select(transition => transition.ToSegmentId));
        Assert.Equal(3, (await run.HistoryAsync("c:1")).Length + run.Customers.Totals.SizeBySegmentId.Count);
        Assert.Equal(SampleChange.Now + 4, run.Customers.Totals.LatestOccurredAtMilliseconds);
    }

    [Fact]
    public async Task A_cursor_sees_every_transition_once_and_in_order_while_many_write()
    {
        const int Writers = 8;
        const int Versions = 120;
        await using var run = await Place.OpenAsync();
        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var version = 1; version <= Versions; version++)
            {
                Assert.Equal(CommitOutcome.Committed, await run.CommitAsync($"c:{writer}", version, version == 1 ? null : version - 1, version));
                if (version % 40 == writer)
                {
                    await run.SettleAsync();
                }
            }
        })));

        var seen = await FeedReader.FollowAsync(run, Writers * Versions, limit: 37);
        await writing;
        FeedReader.AssertEachOnceInOrder(seen, Enumerable.Range(0, Writers).Select(writer => ($"c:{writer}", Versions)));
        Assert.True(seen[^1].Sequence <= run.Customers.Totals.Sequence, $"Totals count up to {run.Customers.Totals.Sequence}; the log is at {seen[^1].Sequence}.");
        Assert.Equal(seen, await run.FeedAsync(seen.Count));
    }

    [Fact]
    public async Task Waiting_for_transitions_ends_with_the_next_move_and_not_with_a_change_that_moves_nobody()
    {
        await using var run = await Place.OpenAsync();
        await run.CommitAllAsync([SampleChange.Of("c:1", 1, null, 4)]);
        var first = (await run.FeedAsync(1))[0].Sequence;
        using var cancelled = new CancellationTokenSource();
        var waiting = run.Customers.WaitForTransitionsAsync(first, cancelled.Token).AsTask();

        await run.CommitAllAsync([SampleChange.Of("c:1", 2, 4, 4)]);
        Assert.False(waiting.IsCompleted);
        await run.CommitAllAsync([SampleChange.Of("c:1", 3, 4, 5)]);
        await waiting.WaitAsync(Condition.Patience);
        var second = Assert.Single(await run.TransitionsAsync(first));
        await run.Customers.WaitForTransitionsAsync(first, CancellationToken.None);

        var endless = run.Customers.WaitForTransitionsAsync(second.Sequence, cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => endless);
    }

    [Fact]
    public async Task A_history_is_the_customers_own_newest_first_and_no_longer_than_asked()
    {
        await using var run = await Place.OpenAsync();
        for (var version = 1; version <= 12; version++)
        {
            var from = version - 1;
            await run.CommitAllAsync(Neighbours.Select(id => SampleChange.Of(id, version, version == 1 ? null : from, version)));
        }

        await run.SettleAsync();
        var history = await run.HistoryAsync("c:1", 5);
        Assert.Equal([12, 11, 10, 9, 8], history.Select(transition => transition.ToSegmentId));
        Assert.All(history, transition => Assert.Equal("c:1", transition.CustomerId));
        Assert.Equal(history.Select(transition => transition.Sequence).OrderDescending(), history.Select(transition => transition.Sequence));
        Assert.Equal(12, (await run.HistoryAsync("c:\0")).Length);
        Assert.Null((await run.HistoryAsync("C:1"))[^1].FromSegmentId);
    }

    [Fact]
    public async Task The_log_can_be_read_from_its_end_in_pages()
    {
        await using var run = await Place.OpenAsync();
        Assert.Empty(await BackAsync(run, long.MaxValue, 7));
        for (var version = 1; version <= 3; version++)
        {
            var to = version;
            await run.CommitAllAsync(Enumerable.Range(0, 20).Select(number => SampleChange.Of($"c:{number}", to, to == 1 ? null : to - 1, to)));
        }

        var newestFirst = (await run.FeedAsync(60)).AsEnumerable().Reverse().ToArray();
        var seen = new List<Transition>();
        while (await BackAsync(run, seen.LastOrDefault()?.Sequence ?? long.MaxValue, 7) is { Count: > 0 } page)
        {
            Assert.True(page.Count <= 7, $"A page of 7 has {page.Count} transitions.");
            seen.AddRange(page);
        }

        Assert.Equal(newestFirst, seen);
        Assert.Equal(newestFirst[31..34], await BackAsync(run, newestFirst[30].Sequence, 3));
        Assert.Empty(await BackAsync(run, newestFirst[^1].Sequence, 3));
        Assert.Empty(await BackAsync(run, 0, 3));
    }

    [Fact]
    public async Task The_log_goes_on_where_it_was_after_opening_again()
    {
        var seen = new List<Transition>();
        for (var life = 1; life <= 4; life++)
        {
            await using var run = await Place.OpenAsync();
            var version = life;
            await run.CommitAllAsync(Enumerable.Range(0, 20).Select(number => SampleChange.Of($"c:{number}", version, version == 1 ? null : version - 1, version)));
            var all = await run.FeedAsync(20 * life);
            Assert.Equal(seen, all.Take(seen.Count));
            seen = all;
        }

        Assert.Equal(80, seen.Select(transition => transition.Sequence).Distinct().Count());
    }

    private static ValueTask<IReadOnlyList<Transition>> BackAsync(StoreRun run, long before, int limit) =>
        run.Customers.ReadTransitionsBackAsync(before, limit, CancellationToken.None);
}

public sealed class EmbeddedFeedTests : FeedConformance
{
    private protected override Task<IStorePlace> NewPlaceAsync() => EmbeddedPlace.NewAsync();
}
