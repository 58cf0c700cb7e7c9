using OrleansSegments.ClusterTests.Storage.Faults;
using OrleansSegments.ClusterTests.Storage.Places;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Faults;
using OrleansSegments.TestKit.Waiting;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Feeds;

public sealed class PostgresFeedTests : FeedConformance
{
    private const int Stores = 3;
    private const int WritersPerStore = 4;
    private const int Versions = 60;

    // The first commit has the lower sequences and ends last: a reader that had passed it would never see it.
    [Fact]
    public async Task No_reader_passes_a_commit_that_began_earlier_and_ends_later()
    {
        using var gate = new StepGate();
        await using var slow = await Place.OpenAsync(fault: gate.Fault, isShared: true);
        await using var quick = await Place.OpenAsync(isShared: true);
        await slow.CommitAllAsync([SampleChange.Of("c:before", 1, null, 1)]);
        var before = Assert.Single(await quick.FeedAsync(1));

        var held = gate.HoldNext(StoreStep.CommitWritten);
        var late = slow.CommitAsync("c:late", 1, null, 1).AsTask();
        await held;
        await quick.CommitAllAsync(SampleChange.First(20));
        await quick.CommitAllAsync([SampleChange.Of("c:000000", 2, 1, 2)]);

        // Committed, counted, and visible in the customer's own history; only the log waits.
        Assert.Equal(21, quick.Customers.Totals.Population);
        Assert.Equal(2, (await quick.HistoryAsync("c:000000")).Length);
        foreach (var run in new[] { quick, slow })
        {
            Assert.Empty(await run.TransitionsAsync(before.Sequence));
            Assert.Equal([before], await run.Customers.ReadTransitionsBackAsync(long.MaxValue, 100, CancellationToken.None));
            using var cancelled = new CancellationTokenSource();
            var waiting = run.Customers.WaitForTransitionsAsync(before.Sequence, cancelled.Token).AsTask();
            Assert.False(waiting.IsCompleted);
            await cancelled.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        }

        var reading = Task.WhenAll(new[] { quick, slow }.Select(run => FeedReader.FollowAsync(run, 23, limit: 7)));
        gate.Open();
        Assert.Equal(CommitOutcome.Committed, await late);
        foreach (var seen in await reading)
        {
            Assert.Equal(["c:before", "c:late"], seen.Take(2).Select(transition => transition.CustomerId));
            Assert.Equal(23, seen.Select(transition => transition.Sequence).Distinct().Count());
            Assert.Equal(seen.OrderBy(transition => transition.Sequence), seen);
        }
    }

    [Fact]
    public async Task A_commit_that_began_earlier_and_fails_lets_readers_go_on()
    {
        using var gate = new StepGate();
        var place = (PostgresPlace)Place;
        var kill = new StepKill(place, StoreStep.CommitWritten, occurrence: 1);
        await using var killed = await Place.OpenAsync(fault: kill.Fault, isShared: true);
        using var burial = kill;
        _ = killed.CommitAsync("c:lost", 1, null, 1).AsTask();
        await kill.Killed.WaitAsync(Condition.Patience);
        await using var next = await Place.OpenAsync(isShared: true);
        await next.CommitAllAsync(SampleChange.First(5));

        Assert.Equal(5, (await FeedReader.FollowAsync(next, 5, limit: 2)).Count);
        Assert.Null(await next.ReadAsync("c:lost"));
    }

    // Every store writes and reads; commits are delayed at random within their transactions, so that they end in another order than they
    // began.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Readers_of_several_stores_see_every_transition_once_and_in_one_order_whoever_wrote_it(int seed)
    {
        var runs = new List<StoreRun>();
        try
        {
            for (var store = 0; store < Stores; store++)
            {
                var random = new Random(seed + store);
                runs.Add(await Place.OpenAsync(new StoreSettings { CommitChangesMax = 3 }, step => HoldUp(step, random), isShared: true));
            }

            var reading = runs.Select(run => FeedReader.FollowAsync(run, Stores * WritersPerStore * Versions, limit: 53)).ToArray();
            await Task.WhenAll(runs.SelectMany((run, store) => Enumerable.Range(0, WritersPerStore).Select(writer => Task.Run(() => WriteAsync(run, $"c:{store}-{writer}")))));
            var feeds = await Task.WhenAll(reading);

            var customers = Enumerable.Range(0, Stores).SelectMany(store => Enumerable.Range(0, WritersPerStore).Select(writer => ($"c:{store}-{writer}", Versions)));
            FeedReader.AssertEachOnceInOrder(feeds[0], customers);
            Assert.All(feeds, feed => Assert.Equal(feeds[0], feed));
            await runs[0].VerifyAsync();
        }
        finally
        {
            foreach (var run in runs)
            {
                await run.DisposeAsync();
            }
        }
    }

    private protected override Task<IStorePlace> NewPlaceAsync() => PostgresPlace.NewAsync(isProxied: true);

    private static async Task WriteAsync(StoreRun run, string id)
    {
        for (var version = 1; version <= Versions; version++)
        {
            Assert.Equal(CommitOutcome.Committed, await run.CommitAsync(id, version, version == 1 ? null : version - 1, version));
        }
    }

    private static void HoldUp(StoreStep step, Random random)
    {
        if (step is StoreStep.CommitWritten or StoreStep.CommitChecked)
        {
            int turns;
            lock (random)
            {
                turns = random.Next(4) == 0 ? random.Next(200) : 0;
            }

            for (var turn = 0; turn < turns; turn++)
            {
                Thread.Yield();
            }
        }
    }
}
