using OrleansSegments.ClusterTests.Storage.Faults;
using OrleansSegments.ClusterTests.Storage.Oracles;
using OrleansSegments.ClusterTests.Storage.Places;
using OrleansSegments.Storage.Control;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Faults;
using OrleansSegments.TestKit.Waiting;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Sharing;

/// <summary>Several silos on one schema: versions decide which writer wins, and the totals never diverge.</summary>
public sealed class PostgresSharingTests : StoreTests
{
    [Fact]
    public async Task Of_writers_at_two_stores_with_the_same_version_exactly_one_wins()
    {
        await using var one = await Place.OpenAsync(isShared: true);
        await using var other = await Place.OpenAsync(isShared: true);
        for (var version = 1; version <= 30; version++)
        {
            int? from = version == 1 ? null : version - 1;
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
                await (writer % 2 == 0 ? one : other).Customers.CommitAsync(SampleChange.Of("c:1", version, from, version, due: writer)))));

            Assert.Equal(1, outcomes.Count(outcome => outcome == CommitOutcome.Committed));
            Assert.Equal(7, outcomes.Count(outcome => outcome == CommitOutcome.Conflict));
        }

        Assert.Equal(30, one.Customers.Health.ChangesCommitted + other.Customers.Health.ChangesCommitted);
        AssertMoves(await one.FeedAsync(30));
        AssertMoves(await other.FeedAsync(30));
        await AgreeAsync(one, other, 1);
        await one.VerifyAsync();
    }

    [Fact]
    public async Task Expired_messages_are_removed_and_valid_ones_stay()
    {
        await using var one = await Place.OpenAsync(isShared: true);
        await using var other = await Place.OpenAsync(isShared: true);
        var place = (PostgresPlace)Place;
        for (var day = 0; day < 6; day++)
        {
            var now = SampleChange.NowMinutes + ((uint)day * MessageMark.LifetimeMinutesMax);
            var marks = Enumerable.Range(0, 10).Select(key => new MessageMark((ulong)key, now + MessageMark.LifetimeMinutesMax));
            var change = SampleChange.Of("c:1", day + 1, day == 0 ? null : 1, 1) with { Messages = [.. marks, new MessageMark(100 + (ulong)day, MessageMark.Forever)] };
            await (day % 2 == 0 ? one : other).CommitAllAsync([change]);

            // The next day begins long after the partition of a past one was emptied.
            var began = (now / MessageMark.LifetimeMinutesMax) + 1;
            await Condition.HoldsAsync("the day is noted", async () => await place.QueryAsync("SELECT messages_day FROM store_settings") == $"{began}\n");
        }

        // The newest messages expire on this day; those of two days before are past.
        var newest = (SampleChange.NowMinutes / MessageMark.LifetimeMinutesMax) + 6;
        Assert.Equal(("0\n", "10\n", "10\n", "6\n"), (await CountAsync((newest + 2) % 4), await CountAsync(newest % 4), await CountAsync((newest + 3) % 4), await CountAsync(4)));
        ulong[] keys = [.. Enumerable.Range(0, 10).Select(key => (ulong)key)];
        Assert.Equal(keys, await one.MessagesAsync("c:1", keys, SampleChange.NowMinutes + (6 * MessageMark.LifetimeMinutesMax)));

        Task<string> CountAsync(uint slot) => place.QueryAsync($"SELECT count(*) FROM messages WHERE slot = {slot}");
    }

    // The second writer waits for the first one's row and must then check again instead of overwriting.
    [Fact]
    public async Task A_writer_that_waits_for_an_open_commit_of_the_same_customer_finds_the_version_gone()
    {
        using var gate = new StepGate();
        await using var first = await Place.OpenAsync(fault: gate.Fault, isShared: true);
        await using var second = await Place.OpenAsync(isShared: true);
        await first.CommitAllAsync([SampleChange.Of("c:known", 1, null, 1)]);
        var held = gate.HoldNext(StoreStep.CommitWritten);
        var changes = new[] { SampleChange.Of("c:known", 2, 1, 2) };
        var winning = first.OutcomesAsync(changes);
        await held;
        var losing = second.OutcomesAsync([SampleChange.Of("c:known", 2, 1, 3)]);
        await ((PostgresPlace)Place).SomebodyWaitsForALockAsync();
        gate.Open();

        Assert.Equal([CommitOutcome.Committed], await winning);
        Assert.Equal([CommitOutcome.Conflict], await losing);
        Assert.Equal(2, (await second.ReadAsync("c:known"))!.SegmentId);
        await second.VerifyAsync();
    }

    [Fact]
    public async Task A_new_customer_that_two_stores_create_at_once_is_created_once()
    {
        using var gate = new StepGate();
        await using var first = await Place.OpenAsync(fault: gate.Fault, isShared: true);
        await using var second = await Place.OpenAsync(isShared: true);
        var held = gate.HoldNext(StoreStep.CommitWritten);
        var winning = first.OutcomesAsync([SampleChange.Of("c:new", 1, null, 2)]);
        await held;
        var losing = second.OutcomesAsync([SampleChange.Of("c:new", 1, null, 3)]);
        await ((PostgresPlace)Place).SomebodyWaitsForALockAsync();
        gate.Open();

        Assert.Equal([CommitOutcome.Committed], await winning);
        Assert.Equal([CommitOutcome.Conflict], await losing);
        await AgreeAsync(first, second, 1);
        await second.VerifyAsync();
    }

    [Fact]
    public async Task When_the_open_commit_fails_the_writer_that_waited_for_it_wins()
    {
        var kill = new StepKill(Place, StoreStep.CommitWritten, occurrence: 2);
        await using var killed = await Place.OpenAsync(new StoreSettings { CommitLanes = 1 }, kill.Fault, isShared: true);
        using var burial = kill;
        await killed.CommitAllAsync([SampleChange.Of("c:1", 1, null, 1)]);
        _ = killed.CommitAsync("c:1", 2, 1, 2).AsTask();
        await kill.Killed.WaitAsync(Condition.Patience);
        await using var next = await Place.OpenAsync(isShared: true);

        Assert.Equal(CommitOutcome.Committed, await next.CommitAsync("c:1", 2, 1, 3));
        Assert.Equal(1, next.Customers.Totals.SizeOf(3));
        await next.VerifyAsync();
    }

    // Batches that touch the same customers in any order: the server may roll one of two back, and every answer must be true.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Stores_that_fight_for_the_same_customers_stay_consistent(int seed)
    {
        const int Customers = 30;
        const int Rounds = 40;
        const int Stores = 3;
        var runs = await Task.WhenAll(Enumerable.Range(0, Stores).Select(_ => Place.OpenAsync(isShared: true)));
        var committed = 0;
        await Task.WhenAll(runs.Select((run, store) => Task.Run(async () =>
        {
            var random = new Random((seed * 100) + store);
            for (var round = 0; round < Rounds; round++)
            {
                var ids = Enumerable.Range(0, random.Next(1, Customers)).Select(_ => $"c:{random.Next(Customers)}").Distinct().ToArray();
                var records = await Task.WhenAll(ids.Select(id => run.ReadAsync(id).AsTask()));
                var outcomes = await run.OutcomesAsync(ids.Select((id, index) =>
                    SampleChange.Of(id, (records[index]?.Version ?? 0) + 1, records[index]?.SegmentId, random.Next(4), due: random.Next(100))));
                Assert.All(outcomes, outcome => Assert.True(outcome is CommitOutcome.Committed or CommitOutcome.Conflict, $"{outcome}: {run.Customers.Health.Problem}"));
                Interlocked.Add(ref committed, outcomes.Count(outcome => outcome == CommitOutcome.Committed));
                await run.Customers.UpdateDeadlinesAsync([.. ids.Select((id, index) => new DeadlineUpdate(id, (records[index]?.Version ?? 0) + 1, random.Next(100)))], CancellationToken.None);
            }
        })));

        var scanned = await runs[0].ScanAsync();
        Assert.Equal(committed, scanned.Sum(customer => customer.Record.Version));
        foreach (var run in runs)
        {
            await AgreeAsync(runs[0], run, scanned.Count);
        }

        await runs[0].VerifyAsync();
        await Task.WhenAll(runs.Select(run => run.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task What_one_store_commits_the_others_see_in_a_moment()
    {
        await using var writer = await Place.OpenAsync(isShared: true);
        await using var reader = await Place.OpenAsync(isShared: true);
        var waiting = reader.Customers.WaitForTransitionsAsync(0, CancellationToken.None).AsTask();
        await writer.CommitAllAsync([SampleChange.Of("c:1", 1, null, 4, due: 70)]);

        Records.AssertSame(SampleChange.Of("c:1", 1, null, 4).Record, await reader.ReadAsync("c:1"));
        await waiting.WaitAsync(Condition.Patience);
        await AgreeAsync(writer, reader, 1);
        await Condition.HoldsAsync("the other store knows the deadline", () => reader.Customers.EarliestDeadlineMilliseconds == 70);
        Assert.Equal("c:1", Assert.Single(await reader.DueAsync(70)).CustomerId);
    }

    [Fact]
    public async Task Of_writers_of_one_document_at_two_stores_exactly_one_wins()
    {
        await using var one = await Place.OpenAsync(isShared: true);
        await using var other = await Place.OpenAsync(isShared: true);
        for (var version = 0; version < 15; version++)
        {
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 6).Select(writer => Task.Run(() => WriteAsync(writer % 2 == 0 ? one.Control : other.Control, version))));
            Assert.Equal(1, outcomes.Count(isWritten => isWritten));
        }

        Assert.Equal(15, (await other.Control.ReadAsync("model", "current", CancellationToken.None))!.Version);
    }

    private protected override Task<IStorePlace> NewPlaceAsync() => PostgresPlace.NewAsync(isProxied: true);

    private static void AssertMoves(List<OrleansSegments.Storage.Transitions.Transition> feed) =>
        Assert.Equal(Enumerable.Range(1, 30), feed.Select(transition => transition.ToSegmentId));

    private static Task<bool> WriteAsync(IControlStateStore control, long version) =>
        control.TryWriteAsync("model", "current", version, new byte[] { 1 }, CancellationToken.None).AsTask();

    private static async Task AgreeAsync(StoreRun one, StoreRun other, long population)
    {
        foreach (var run in new[] { one, other })
        {
            await Condition.HoldsAsync(
                $"the totals count {population} customers", () => run.Customers.Totals.Population == population, () => $"They count {run.Customers.Totals.Population}.");
        }

        await Condition.HoldsAsync(
            "both stores have the same totals",
            () => one.Customers.Totals.SizeBySegmentId.OrderBy(size => size.Key).SequenceEqual(other.Customers.Totals.SizeBySegmentId.OrderBy(size => size.Key)));
    }
}
