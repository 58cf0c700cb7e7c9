using OrleansSegments.ClusterTests.Storage.Faults;
using OrleansSegments.ClusterTests.Storage.Oracles;
using OrleansSegments.ClusterTests.Storage.Places;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Faults;
using OrleansSegments.TestKit.Waiting;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Limits;

public abstract class LimitConformance : StoreTests
{
    [Fact]
    public async Task Above_the_limit_of_waiting_changes_a_change_is_refused_at_once_and_accepted_again_later()
    {
        const int WaitingMax = 50;
        using var gate = new StepGate();
        await using var run = await Place.OpenAsync(new StoreSettings { ChangesWaitingMax = WaitingMax, CommitLanes = 1 }, gate.Fault);
        var held = gate.HoldNext(StoreStep.CommitChecked);
        var answers = SampleChange.First(1).Select(change => run.Customers.CommitAsync(change).AsTask()).ToList();
        await held;
        answers.AddRange(SampleChange.First(WaitingMax - 1, prefix: "c:waits").Select(change => run.Customers.CommitAsync(change).AsTask()));

        foreach (var change in SampleChange.First(200, prefix: "c:refused"))
        {
            var refused = run.Customers.CommitAsync(change);
            Assert.True(refused.IsCompleted, "A refusal must not wait.");
            Assert.Equal(CommitOutcome.Overloaded, await refused);
        }

        Assert.Equal(WaitingMax, run.Customers.Health.ChangesWaiting);
        Assert.All(answers, answer => Assert.False(answer.IsCompleted));
        gate.Open();
        Assert.All(await Condition.EndsAsync("what waits is answered", Task.WhenAll(answers)), outcome => Assert.Equal(CommitOutcome.Committed, outcome));
        await Condition.HoldsAsync("nothing waits", () => run.Customers.Health.ChangesWaiting == 0);
        await run.CommitAllAsync(SampleChange.First(WaitingMax, prefix: "c:refused"));
        Assert.Equal(2 * WaitingMax, run.Customers.Totals.Population);
        await run.VerifyAsync();
    }

    [Fact]
    public async Task Above_the_limit_of_waiting_bytes_a_change_is_refused_and_one_larger_than_the_limit_gets_in_alone()
    {
        using var gate = new StepGate();
        await using var run = await Place.OpenAsync(new StoreSettings { BytesWaitingMax = 10_000, CommitBytesMax = 4_096, CommitLanes = 1 }, gate.Fault);
        var held = gate.HoldNext(StoreStep.CommitChecked);
        var first = run.Customers.CommitAsync(SampleChange.Of("c:0", 1, null, 1, size: 9_000)).AsTask();
        await held;

        Assert.Equal(CommitOutcome.Overloaded, await run.Customers.CommitAsync(SampleChange.Of("c:1", 1, null, 1, size: 2_000)));
        gate.Open();
        Assert.Equal(CommitOutcome.Committed, await first);
        await Condition.HoldsAsync("nothing waits", () => run.Customers.Health.ChangesWaiting == 0);
        var large = SampleChange.Of("c:1", 1, null, 1, size: 1_000_000);
        Assert.Equal(CommitOutcome.Committed, await run.Customers.CommitAsync(large));
        Records.AssertSame(large.Record, await run.ReadAsync("c:1"));
    }

    [Fact]
    public async Task A_commit_holds_no_more_changes_and_bytes_than_its_limits()
    {
        using var gate = new StepGate();
        await using var run = await Place.OpenAsync(new StoreSettings { CommitChangesMax = 10, CommitBytesMax = 5_000, CommitLanes = 1 }, gate.Fault);
        var held = gate.HoldNext(StoreStep.CommitChecked);
        var answers = new List<Task<CommitOutcome>> { run.CommitAsync("c:first", 1, null, 1).AsTask() };
        await held;
        answers.AddRange(SampleChange.First(95, size: 10).Select(change => run.Customers.CommitAsync(change).AsTask()));
        answers.AddRange(SampleChange.First(6, prefix: "d:", size: 3_000).Select(change => run.Customers.CommitAsync(change).AsTask()));
        gate.Open();
        await Condition.EndsAsync("all is answered", Task.WhenAll(answers));

        // One held, nine of ten, one of five with the first large one, then five large ones alone.
        Assert.Equal(1 + 9 + 1 + 5, run.Customers.Health.Commits);
        Assert.Equal(102, run.Customers.Health.ChangesCommitted);
    }

    [Fact]
    public async Task Many_more_changes_than_one_commit_holds_are_committed_at_once()
    {
        const int Count = 50_000;
        await using var run = await Place.OpenAsync(new StoreSettings { CommitChangesMax = 4_000 });
        await run.CommitAllAsync(Enumerable.Range(0, Count).Select(number => SampleChange.Of($"c:{number:d6}", 1, null, number % 7, due: number)));
        Assert.Equal(Count, run.Customers.Totals.Population);
        Assert.Equal(Count, (await run.FeedAsync(Count, 10_000)).Select(transition => transition.CustomerId).Distinct().Count());

        await run.CommitAllAsync(Enumerable.Range(0, Count).Reverse().Select(number => SampleChange.Of($"c:{number:d6}", 2, number % 7, (number + 1) % 7, due: number + Count)));
        Assert.Equal(Count, run.Customers.Totals.Population);
        Assert.Empty(await run.DueAsync(Count - 1));
        Assert.Equal(2 * Count, run.Customers.Health.ChangesCommitted);
        await run.VerifyAsync();
    }

    [Fact]
    public async Task Under_more_load_than_fits_nothing_is_lost_and_everything_refused_comes_through_in_the_end()
    {
        const int Writers = 40;
        const int Versions = 25;
        const int WaitingMax = 16;
        var waitingMost = 0;
        await using var run = await Place.OpenAsync(new StoreSettings { ChangesWaitingMax = WaitingMax, CommitChangesMax = 4 });
        await Condition.EndsAsync("all writers are through", Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            var random = new Random(writer);
            using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
            int? segment = null;
            for (var version = 1; version <= Versions; version++)
            {
                var change = SampleChange.Of($"c:{writer}", version, segment, random.Next(3));
                CommitOutcome outcome;
                while ((outcome = await run.Customers.CommitAsync(change)) == CommitOutcome.Overloaded)
                {
                    InterlockedMax(ref waitingMost, run.Customers.Health.ChangesWaiting);
                    await pause.WaitForNextTickAsync();
                }

                Assert.Equal(CommitOutcome.Committed, outcome);
                segment = change.Record.SegmentId;
            }

            return true;
        }))));

        Assert.InRange(waitingMost, 1, WaitingMax);
        Assert.Equal(Writers, run.Customers.Totals.Population);
        Assert.Equal(Writers * Versions, run.Customers.Health.ChangesCommitted);
        Assert.All(await run.ScanAsync(), customer => Assert.Equal(Versions, customer.Record.Version));
        await run.VerifyAsync();
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); value > seen;)
        {
            var before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }
}

public sealed class EmbeddedLimitTests : LimitConformance
{
    private protected override Task<IStorePlace> NewPlaceAsync() => EmbeddedPlace.NewAsync();
}

public sealed class PostgresLimitTests : LimitConformance
{
    private protected override Task<IStorePlace> NewPlaceAsync() => PostgresPlace.NewAsync();
}
