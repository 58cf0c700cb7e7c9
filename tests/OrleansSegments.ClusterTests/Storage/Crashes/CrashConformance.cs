using OrleansSegments.ClusterTests.Storage.Faults;
using OrleansSegments.ClusterTests.Storage.Oracles;
using OrleansSegments.ClusterTests.Storage.Places;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Faults;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Crashes;

/// <summary>
/// Repeatedly opens a store and kills it at a step with changes in flight. The next run must find every acknowledged change and, of the
/// unanswered ones, each completely or not at all.
/// </summary>
public abstract class CrashConformance : StoreTests
{
    private const int Lives = 4;
    private const int BurstsMax = 30;
    private const int Customers = 25;

    /// <param name="crowd">New customers between two flushes, in addition to the few that change all the time.</param>
    private protected async Task Survives_a_kill_at(StoreStep step, int crowd = 0)
    {
        var seed = 100 + (int)step;
        var random = new Random(seed);
        var oracle = new StoreOracle();
        for (var life = 1; life <= Lives; life++)
        {
            var moment = $"seed {seed}, life {life}, killed at {step}";
            var kill = new StepKill(Place, step, occurrence: crowd > 0 ? 1 : random.Next(1, 5));
            await using var killed = await Place.OpenAsync(fault: kill.Fault);

            // The killed store's threads are released only at the end; it cannot be closed before.
            using var burial = kill;
            await oracle.AssertAgreesAsync(killed, random, $"before: {moment}");
            var sent = new List<SentChange>();
            kill.AtKill = () => SentChange.NoteAnswers(sent);
            for (var burst = 0; burst < BurstsMax && !kill.Killed.IsCompleted; burst++)
            {
                await BurstAsync(killed, oracle, sent, random, kill, $"d:{life}-{burst}-", burst % 3 == 0 ? crowd : 0);
                if (!kill.Killed.IsCompleted && burst % 3 == 2)
                {
                    await Task.WhenAny(killed.SettleAsync(), kill.Killed);
                }
            }

            Assert.True(kill.Killed.IsCompleted, $"The store never came to {step} ({moment}).");
            await using (var next = await Place.OpenAsync())
            {
                await AssertRecoveredAsync(next, oracle, sent, moment);
                await oracle.AssertAgreesAsync(next, random, moment);
            }
        }
    }

    /// <summary>Submits a few changes, several for the same customer, and waits until all are answered or the store is dead.</summary>
    private static async Task BurstAsync(
        StoreRun run, StoreOracle oracle, List<SentChange> sent, Random random, StepKill kill, string prefix, int crowd)
    {
        var burst = new List<SentChange>();
        foreach (var change in SampleChange.First(crowd, random.Next(4), prefix))
        {
            Send(change);
        }

        for (var left = random.Next(1, 12); left > 0; left--)
        {
            var id = $"c:{random.Next(Customers)}";
            var version = oracle.VersionOf(id) + 1;
            var change = SampleChange.Of(id, version, oracle.RecordOf(id)?.SegmentId, random.Next(4), due: random.Next(3) == 0 ? null : random.Next(200), size: random.Next(200));
            Send(change);
        }

        var answers = Task.WhenAll(burst.Select(change => change.Answer));
        if (await Task.WhenAny(kill.Killed, answers) == answers && !kill.HasBegun)
        {
            Assert.All(burst, change => Assert.Equal(CommitOutcome.Committed, change.Answer.Result));
        }
        else
        {
            await kill.Killed;
        }

        void Send(CustomerChange change)
        {
            Assert.Equal(CommitOutcome.Committed, oracle.Commit(change));
            lock (sent)
            {
                burst.Add(new SentChange(change, run.Customers.CommitAsync(change)));
                sent.Add(burst[^1]);
            }
        }
    }

    private static async Task AssertRecoveredAsync(StoreRun run, StoreOracle oracle, List<SentChange> sent, string moment)
    {
        foreach (var change in sent.Where(change => change.WasAnswered))
        {
            // A change answered at the kill has its answer now or soon: only the completion of the caller's task was missing.
            if (await change.Answer == CommitOutcome.Committed)
            {
                var (id, version) = (change.Change.CustomerId, change.Change.Record.Version);
                var found = (await run.ReadAsync(id))?.Version ?? 0;
                Assert.True(found >= version, $"{id} was acknowledged at version {version} and came back at {found} ({moment}).");
            }
        }

        foreach (var id in oracle.CustomerIds.ToArray())
        {
            var found = (await run.ReadAsync(id))?.Version ?? 0;
            Assert.True(found <= oracle.VersionOf(id), $"{id} came back at version {found}; {oracle.VersionOf(id)} was the last sent ({moment}).");
            oracle.CutBack(id, found);
        }
    }
}

public sealed class EmbeddedCrashTests : CrashConformance
{
    // In RocksDB a commit is written and durable in one call, so there is no step between the two.
    [Theory]
    [InlineData(nameof(StoreStep.CommitChecked))]
    [InlineData(nameof(StoreStep.CommitDurable))]
    [InlineData(nameof(StoreStep.CommitApplied))]
    [InlineData(nameof(StoreStep.CommitAcknowledged))]
    public Task After_a_kill_at_any_step_everything_acknowledged_is_there_and_nothing_twice(string step) =>
        Survives_a_kill_at(Enum.Parse<StoreStep>(step));

    private protected override Task<IStorePlace> NewPlaceAsync() => EmbeddedPlace.NewAsync();
}

public sealed class PostgresCrashTests : CrashConformance
{
    [Theory]
    [InlineData(nameof(StoreStep.CommitChecked))]
    [InlineData(nameof(StoreStep.CommitWritten))]
    [InlineData(nameof(StoreStep.CommitDurable))]
    [InlineData(nameof(StoreStep.CommitApplied))]
    [InlineData(nameof(StoreStep.CommitAcknowledged))]
    public Task After_a_kill_at_any_step_everything_acknowledged_is_there_and_nothing_twice(string step) =>
        Survives_a_kill_at(Enum.Parse<StoreStep>(step));

    private protected override Task<IStorePlace> NewPlaceAsync() => PostgresPlace.NewAsync(isProxied: true);
}

/// <summary>A submitted change, and whether the store had answered it when it was killed.</summary>
internal sealed class SentChange
{
    private readonly ValueTask<CommitOutcome> _promise;

    public SentChange(CustomerChange change, ValueTask<CommitOutcome> promise)
    {
        Change = change;
        _promise = promise;
        Answer = promise.AsTask();
    }

    public CustomerChange Change { get; }

    /// <summary>Completes shortly after the store answered.</summary>
    public Task<CommitOutcome> Answer { get; }

    public bool WasAnswered { get; private set; }

    public static void NoteAnswers(List<SentChange> sent)
    {
        lock (sent)
        {
            foreach (var change in sent)
            {
                change.WasAnswered = change._promise.IsCompleted;
            }
        }
    }
}
