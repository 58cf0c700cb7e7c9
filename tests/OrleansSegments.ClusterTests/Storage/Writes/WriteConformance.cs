using OrleansSegments.ClusterTests.Storage.Oracles;
using OrleansSegments.ClusterTests.Storage.Places;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Transitions;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Writes;

public abstract class WriteConformance : StoreTests
{
    [Fact]
    public async Task Reading_an_empty_store_finds_nothing()
    {
        await using var run = await Place.OpenAsync();

        Assert.Null(await run.ReadAsync("c:nobody"));
        Assert.Empty(await run.MembersAsync(1));
        Assert.Empty(await run.DueAsync(long.MaxValue));
        Assert.Empty(await run.TransitionsAsync());
        Assert.Empty(await run.ScanAsync());
        Assert.Empty(await run.HistoryAsync("c:nobody"));
        Assert.Null(run.Customers.EarliestDeadlineMilliseconds);
        Assert.Equal(0, run.Customers.Totals.Population);
        Assert.Empty(run.Customers.Totals.SizeBySegmentId);
        Assert.True(run.Customers.Health.Writable);
        await run.VerifyAsync();
    }

    [Fact]
    public async Task A_written_customer_is_read_back_whole_now_and_after_opening_again()
    {
        var change = SampleChange.Of("c:1", 1, null, 5, due: SampleChange.Now + 9) with { Cause = TransitionCause.Consent };
        await using (var run = await Place.OpenAsync())
        {
            Assert.Equal(CommitOutcome.Committed, await run.Customers.CommitAsync(change));
            await AssertReadBackAsync(run, change);
            await run.SettleAsync();
            await AssertReadBackAsync(run, change);
        }

        await using var again = await Place.OpenAsync();
        await AssertReadBackAsync(again, change);
    }

    [Fact]
    public async Task Messages_of_a_change_are_found_until_their_last_minute_now_and_after_opening_again()
    {
        const uint Day = MessageMark.LifetimeMinutesMax;
        const uint First = SampleChange.NowMinutes;
        const string Id = "c:1";
        var days = Enumerable.Range(0, 7).Select(day => First + ((uint)day * Day)).ToArray();
        await using (var run = await Place.OpenAsync())
        {
            Assert.Empty(await run.MessagesAsync(Id, [1, 2, 3], First));
            await run.CommitAsync("c:11", 1, null, 1);
            await run.CommitAsync("c:1\0", 1, null, 1);
            for (var day = 0; day < days.Length; day++)
            {
                // The same message again each time it has expired, and one message per day.
                var change = SampleChange.Of(Id, day + 1, day == 0 ? null : 1, 1) with
                {
                    Messages = [new(7, days[day] + Day), new(100 + (ulong)day, days[day] + 60), new(200 + (ulong)day, MessageMark.Forever)],
                };
                Assert.Equal(CommitOutcome.Committed, await run.Customers.CommitAsync(change));
                await AssertFoundAsync(run, day);
            }

            await run.SettleAsync();
            await AssertFoundAsync(run, days.Length - 1);
        }

        await using var again = await Place.OpenAsync();
        await AssertFoundAsync(again, days.Length - 1);

        async Task AssertFoundAsync(StoreRun run, int day)
        {
            ulong[] keys = [7, .. Enumerable.Range(0, days.Length).Select(each => 100 + (ulong)each), .. Enumerable.Range(0, days.Length).Select(each => 200 + (ulong)each)];
            ulong[] forever = [.. Enumerable.Range(0, day + 1).Select(each => 200 + (ulong)each)];
            Assert.Equal([7, 100 + (ulong)day, .. forever], await run.MessagesAsync(Id, keys, days[day] + 60));
            Assert.Equal([7, .. forever], await run.MessagesAsync(Id, keys, days[day] + 61));
            Assert.Equal([7, .. forever], await run.MessagesAsync(Id, keys, days[day] + Day));
            Assert.Equal(forever, await run.MessagesAsync(Id, keys, days[day] + Day + 1));
            Assert.Empty(await run.MessagesAsync("c:11", keys, days[day]));
            Assert.Empty(await run.MessagesAsync("c:1\0", keys, days[day]));
        }
    }

    [Fact]
    public async Task Values_at_their_limits_are_kept()
    {
        CustomerChange[] changes =
        [
            new("c:lowest", null, new CustomerRecord(1, int.MinValue, int.MinValue, long.MinValue, int.MinValue, int.MinValue, []), long.MinValue, TransitionCause.Event, long.MinValue),
            new("c:highest", null, new CustomerRecord(1, int.MaxValue, int.MaxValue, long.MaxValue, int.MaxValue, int.MaxValue, new byte[1_000_000]), long.MaxValue - 1, TransitionCause.Merge, long.MaxValue),
            new("c:zero", null, new CustomerRecord(1, 0, 0, 0, 0, 0, [0]), 0, TransitionCause.Time, 0),
        ];
        changes[1].Record.State.AsSpan().Fill(0xFF);
        await using (var run = await Place.OpenAsync())
        {
            await run.CommitAllAsync(changes);
            await run.SettleAsync();
        }

        await using var again = await Place.OpenAsync();
        foreach (var change in changes)
        {
            Records.AssertSame(change.Record, await again.ReadAsync(change.CustomerId));
            Assert.Equal([change.CustomerId], await again.MembersAsync(change.Record.SegmentId));
            var moved = Assert.Single(await again.HistoryAsync(change.CustomerId));
            Assert.Equal(change.OccurredAtMilliseconds, moved.OccurredAtMilliseconds);
            Assert.Equal(change.Record.ModelVersion, moved.ModelVersion);
        }

        Assert.Equal(["c:lowest", "c:zero", "c:highest"], (await again.DueAsync(long.MaxValue)).Select(customer => customer.CustomerId));
        Assert.Equal(long.MaxValue, again.Customers.Totals.LatestOccurredAtMilliseconds);
        await again.VerifyAsync();
    }

    [Fact]
    public async Task A_stale_writer_is_refused_and_changes_nothing()
    {
        await using (var run = await Place.OpenAsync())
        {
            await run.CommitAllAsync([SampleChange.Of("c:1", 1, null, 1)]);
            await run.CommitAllAsync([SampleChange.Of("c:1", 2, 1, 2)]);
            await AssertStaleRefusedAsync(run);
            await run.SettleAsync();
            await AssertStaleRefusedAsync(run);
        }

        await using var again = await Place.OpenAsync();
        await AssertStaleRefusedAsync(again);
    }

    [Fact]
    public async Task A_writer_who_counts_the_customer_in_another_segment_is_refused_because_the_totals_would_drift()
    {
        await using var run = await Place.OpenAsync();
        await run.CommitAllAsync([SampleChange.Of("c:1", 1, null, 1)]);

        Assert.Equal(CommitOutcome.Conflict, await run.CommitAsync("c:1", 2, 7, 2));
        Assert.Equal(CommitOutcome.Conflict, await run.CommitAsync("c:1", 2, null, 2));
        Assert.Equal(CommitOutcome.Committed, await run.CommitAsync("c:1", 2, 1, 2));
        await run.VerifyAsync();
    }

    [Fact]
    public async Task Of_many_writers_of_one_version_exactly_one_wins()
    {
        await using var run = await Place.OpenAsync();
        for (var version = 1; version <= 30; version++)
        {
            int? from = version == 1 ? null : 0;
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(writer =>
                Task.Run(async () => await run.Customers.CommitAsync(SampleChange.Of("c:1", version, from, 0, due: writer)))));

            Assert.Equal(1, outcomes.Count(outcome => outcome == CommitOutcome.Committed));
            Assert.Equal(7, outcomes.Count(outcome => outcome == CommitOutcome.Conflict));
        }

        Assert.Equal(30, (await run.ReadAsync("c:1"))!.Version);
        Assert.Equal(30, run.Customers.Health.ChangesCommitted);
        await run.VerifyAsync();
    }

    [Fact]
    public async Task A_closed_store_accepts_nothing_and_closing_twice_is_harmless()
    {
        var run = await Place.OpenAsync();
        await run.CommitAllAsync([SampleChange.Of("c:1", 1, null, 1)]);
        await run.DisposeAsync();
        await run.Customers.DisposeAsync();

        Assert.Equal(CommitOutcome.Unavailable, await run.CommitAsync("c:1", 2, 1, 1));
        await using var again = await Place.OpenAsync();
        Assert.Equal(1, (await again.ReadAsync("c:1"))!.Version);
        Assert.Equal(1, again.Customers.Totals.Population);
    }

    [Fact]
    public async Task Closing_commits_what_waits()
    {
        var run = await Place.OpenAsync();
        var waiting = SampleChange.First(500).Select(change => run.Customers.CommitAsync(change).AsTask()).ToArray();
        await run.DisposeAsync();

        Assert.All(await Task.WhenAll(waiting), outcome => Assert.Equal(CommitOutcome.Committed, outcome));
        await using var again = await Place.OpenAsync();
        Assert.Equal(500, again.Customers.Totals.Population);
        await again.VerifyAsync();
    }

    [Fact]
    public async Task An_unfit_id_is_an_error_of_the_caller()
    {
        await using var run = await Place.OpenAsync();
        foreach (var id in new[] { "", new string('x', 256), "c:\uD83D", "c:\uDE00\uD83D" })
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await run.CommitAsync(id, 1, null, 1));
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await run.ReadAsync(id));
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await run.HistoryAsync(id));
        }

        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await run.CommitAsync("c:1", 0, null, 1));
    }

    private static async Task AssertReadBackAsync(StoreRun run, CustomerChange change)
    {
        Records.AssertSame(change.Record, await run.ReadAsync(change.CustomerId));
        Records.AssertSame(change.Record, Assert.Single(await run.ScanAsync()).Record);
        Assert.Equal(1, run.Customers.Totals.SizeOf(change.Record.SegmentId));
        Assert.Equal(change.OccurredAtMilliseconds, run.Customers.Totals.LatestOccurredAtMilliseconds);
        Assert.Equal(new DueCustomer(change.CustomerId, 1, change.DueAtMilliseconds!.Value), Assert.Single(await run.DueAsync(long.MaxValue)));
        var moved = new Transition(0, change.CustomerId, null, change.Record.SegmentId, change.Cause, change.Record.ModelVersion, change.OccurredAtMilliseconds);
        Assert.Equal(moved, Assert.Single(await run.FeedAsync(1)) with { Sequence = 0 });
        Assert.Equal(moved, Assert.Single(await run.HistoryAsync(change.CustomerId)) with { Sequence = 0 });
    }

    private static async Task AssertStaleRefusedAsync(StoreRun run)
    {
        Assert.Equal(CommitOutcome.Conflict, await run.CommitAsync("c:1", 1, null, 9));
        Assert.Equal(CommitOutcome.Conflict, await run.CommitAsync("c:1", 2, 1, 9));
        Assert.Equal(CommitOutcome.Conflict, await run.CommitAsync("c:1", 2, 2, 9));
        Assert.Equal(CommitOutcome.Conflict, await run.CommitAsync("c:1", 4, 2, 9));
        Assert.Equal(CommitOutcome.Conflict, await run.CommitAsync("c:new", 2, 1, 9));
        Assert.Equal(CommitOutcome.Conflict, await run.CommitAsync("c:new", 2, null, 9));

        Assert.Equal(2, (await run.ReadAsync("c:1"))!.SegmentId);
        Assert.Null(await run.ReadAsync("c:new"));
        Assert.Equal(1, run.Customers.Totals.Population);
        Assert.Equal(0, run.Customers.Totals.SizeOf(9));
        Assert.Equal(2, (await run.HistoryAsync("c:1")).Length);
        await run.VerifyAsync();
    }
}

public sealed class EmbeddedWriteTests : WriteConformance
{
    private protected override Task<IStorePlace> NewPlaceAsync() => EmbeddedPlace.NewAsync();
}

public sealed class PostgresWriteTests : WriteConformance
{
    private protected override Task<IStorePlace> NewPlaceAsync() => PostgresPlace.NewAsync();
}
