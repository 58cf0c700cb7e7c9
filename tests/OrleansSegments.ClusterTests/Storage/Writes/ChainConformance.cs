using OrleansSegments.ClusterTests.Storage.Faults;
using OrleansSegments.ClusterTests.Storage.Oracles;
using OrleansSegments.ClusterTests.Storage.Places;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Faults;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Writes;

/// <summary>Several changes of one customer inside one commit.</summary>
public abstract class ChainConformance : StoreTests
{
    [Fact]
    public async Task Many_changes_of_one_customer_in_one_commit_leave_the_last_state_and_every_transition()
    {
        using var gate = new StepGate();
        await using var run = await Place.OpenAsync(new StoreSettings { CommitLanes = 1 }, gate.Fault);
        var changes = Enumerable.Range(1, 100).Select(version => SampleChange.Of("c:1", version, version == 1 ? null : version - 1, version)).ToArray();
        var outcomes = await InOneCommitAsync(run, gate, [.. changes, SampleChange.Of("c:1", 50, 49, 7)]);

        Assert.All(outcomes[..^1], outcome => Assert.Equal(CommitOutcome.Committed, outcome));
        Assert.Equal(CommitOutcome.Conflict, outcomes[^1]);
        Records.AssertSame(changes[^1].Record, await run.ReadAsync("c:1"));
        Assert.Equal(Enumerable.Range(1, 100).Reverse(), (await run.HistoryAsync("c:1")).Select(transition => transition.ToSegmentId));
        Assert.Equal(1, run.Customers.Totals.SizeOf(100));
        Assert.Equal(2, run.Customers.Totals.Population);
        await run.VerifyAsync();
    }

    [Fact]
    public async Task A_refused_link_in_the_middle_of_a_chain_does_not_break_it()
    {
        using var gate = new StepGate();
        await using var run = await Place.OpenAsync(new StoreSettings { CommitLanes = 1 }, gate.Fault);
        await run.CommitAllAsync([SampleChange.Of("c:1", 1, null, 1)]);
        var outcomes = await InOneCommitAsync(
            run,
            gate,
            [
                SampleChange.Of("c:1", 2, 1, 2),
                SampleChange.Of("c:1", 2, 1, 9),
                SampleChange.Of("c:1", 3, 9, 9),
                SampleChange.Of("c:1", 4, 2, 9),
                SampleChange.Of("c:1", 3, 2, 2, due: 70),
                SampleChange.Of("c:1", 4, 2, 1, due: 60),
                SampleChange.Of("c:1", 4, 2, 9),
            ]);

        Assert.Equal(
            [
                CommitOutcome.Committed, CommitOutcome.Conflict, CommitOutcome.Conflict, CommitOutcome.Conflict, CommitOutcome.Committed,
                CommitOutcome.Committed, CommitOutcome.Conflict,
            ],
            outcomes);
        Records.AssertSame(SampleChange.Of("c:1", 4, 2, 1).Record, await run.ReadAsync("c:1"));
        Assert.Equal([1, 2, 1], (await run.HistoryAsync("c:1")).Select(transition => transition.ToSegmentId));
        Assert.Equal(60, Assert.Single(await run.DueAsync(1_000)).DueAtMilliseconds);
        Assert.Equal(0, run.Customers.Totals.SizeOf(9));
        await run.VerifyAsync();
    }

    [Fact]
    public async Task A_chain_on_a_stale_base_is_refused_whole()
    {
        using var gate = new StepGate();
        await using var run = await Place.OpenAsync(new StoreSettings { CommitLanes = 1 }, gate.Fault);
        await run.CommitAllAsync([SampleChange.Of("c:1", 1, null, 1)]);
        await run.CommitAllAsync([SampleChange.Of("c:1", 2, 1, 2)]);
        var outcomes = await InOneCommitAsync(
            run, gate, [SampleChange.Of("c:1", 2, 1, 7), SampleChange.Of("c:1", 3, 7, 8), SampleChange.Of("c:1", 4, 8, 9), SampleChange.Of("c:2", 1, null, 5), SampleChange.Of("c:2", 2, 5, 6)]);

        Assert.Equal(
            [CommitOutcome.Conflict, CommitOutcome.Conflict, CommitOutcome.Conflict, CommitOutcome.Committed, CommitOutcome.Committed], outcomes);
        Assert.Equal(2, (await run.ReadAsync("c:1"))!.Version);
        Assert.Equal(2, (await run.HistoryAsync("c:1")).Length);
        Assert.Equal(1, run.Customers.Totals.SizeOf(6));
        await run.VerifyAsync();
    }

    // A stale writer must not cause the refusal of an up-to-date one only because its change was submitted first.
    [Fact]
    public async Task A_stale_change_before_a_good_one_in_the_same_commit_does_not_make_both_fail()
    {
        using var gate = new StepGate();
        await using var run = await Place.OpenAsync(new StoreSettings { CommitLanes = 1 }, gate.Fault);
        await run.CommitAllAsync([SampleChange.Of("c:1", 1, null, 1)]);
        await run.CommitAllAsync([SampleChange.Of("c:1", 2, 1, 2)]);
        var outcomes = await InOneCommitAsync(run, gate, [SampleChange.Of("c:1", 2, 1, 7), SampleChange.Of("c:1", 3, 2, 3), SampleChange.Of("c:1", 4, 3, 4)]);

        Assert.Equal([CommitOutcome.Conflict, CommitOutcome.Committed, CommitOutcome.Committed], outcomes);
        Assert.Equal(4, (await run.ReadAsync("c:1"))!.SegmentId);
        await run.VerifyAsync();
    }

    // The deadline updates the very row and version that the stale writer would have written.
    [Fact]
    public async Task A_stale_change_beside_a_deadline_of_the_stored_version_is_refused()
    {
        using var gate = new StepGate();
        await using var run = await Place.OpenAsync(new StoreSettings { CommitLanes = 1 }, gate.Fault);
        await run.CommitAllAsync([SampleChange.Of("c:1", 1, null, 1)]);
        await run.CommitAllAsync([SampleChange.Of("c:1", 2, 1, 2)]);
        var held = gate.HoldNext(StoreStep.CommitChecked);
        var opening = run.Customers.CommitAsync(Opener(1)).AsTask();
        await held;
        var moving = run.Customers.UpdateDeadlinesAsync([new DeadlineUpdate("c:1", 2, 70)], CancellationToken.None);
        var stale = run.CommitAsync("c:1", 2, 1, 9).AsTask();
        var staleNew = run.CommitAsync("c:1", 1, null, 9).AsTask();
        gate.Open();

        Assert.Equal([CommitOutcome.Committed, CommitOutcome.Conflict, CommitOutcome.Conflict], await Task.WhenAll(opening, stale, staleNew));
        await moving;
        Records.AssertSame(SampleChange.Of("c:1", 2, 1, 2).Record, await run.ReadAsync("c:1"));
        Assert.Equal(2, (await run.HistoryAsync("c:1")).Length);
        Assert.Equal(0, run.Customers.Totals.SizeOf(9));
        Assert.Equal(70, Assert.Single(await run.DueAsync(1_000)).DueAtMilliseconds);
        await run.VerifyAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Random_chains_with_stale_links_leave_what_the_oracle_has(int seed)
    {
        using var gate = new StepGate();
        await using var run = await Place.OpenAsync(new StoreSettings { CommitLanes = 1 }, gate.Fault);
        var random = new Random(seed);
        var oracle = new StoreOracle();
        oracle.Commit(Opener(1));
        for (var round = 1; round <= 8; round++)
        {
            var drafts = new Dictionary<string, (long Version, int? Segment)>();
            var changes = Enumerable.Range(0, 40).Select(_ => Draft(oracle, drafts, random)).ToArray();
            var outcomes = await InOneCommitAsync(run, gate, changes, opener: round);
            if (round > 1)
            {
                oracle.Commit(Opener(round));
            }

            TakeOutcomes(oracle, changes, outcomes, $"seed {seed}, round {round}");
            await oracle.AssertAgreesAsync(run, random, $"seed {seed}, round {round}");
        }
    }

    // A change that seems to follow a refused one may be refused with it, because a store cannot know its author. Everything else is as in
    // the oracle.
    private static void TakeOutcomes(StoreOracle oracle, CustomerChange[] changes, CommitOutcome[] outcomes, string moment)
    {
        var refused = new HashSet<string>();
        for (var index = 0; index < changes.Length; index++)
        {
            var change = changes[index];
            if (outcomes[index] == CommitOutcome.Conflict && refused.Contains(change.CustomerId))
            {
                continue;
            }

            var expected = oracle.Commit(change);
            Assert.True(outcomes[index] == expected, $"{outcomes[index]} instead of {expected}: {moment}, {change}");
            if (expected == CommitOutcome.Conflict)
            {
                refused.Add(change.CustomerId);
            }
        }
    }

    private static CustomerChange Opener(int round) => SampleChange.Of("c:opener", round, round == 1 ? null : 0, 0);

    /// <summary>
    /// Mostly the customer's next change as known within this commit, sometimes one that is stale, ahead, or counts another segment.
    /// </summary>
    private static CustomerChange Draft(StoreOracle oracle, Dictionary<string, (long Version, int? Segment)> drafts, Random random)
    {
        var id = $"c:{random.Next(6)}";
        var (version, segment) = drafts.TryGetValue(id, out var known) ? known : (oracle.VersionOf(id), oracle.RecordOf(id)?.SegmentId);
        var to = random.Next(4);
        var wrong = random.Next(100);
        if (wrong < 10)
        {
            return SampleChange.Of(id, Math.Max(1, version - random.Next(3)), segment, to);
        }

        if (wrong < 15)
        {
            return SampleChange.Of(id, version + 2 + random.Next(2), segment, to);
        }

        if (wrong < 20)
        {
            return SampleChange.Of(id, version + 1, (segment ?? 0) + 1, to);
        }

        drafts[id] = (version + 1, to);
        return SampleChange.Of(id, version + 1, segment, to, due: random.Next(200));
    }

    /// <summary>Blocks a commit while all changes are submitted, so that the next commit contains them together.</summary>
    private static async Task<CommitOutcome[]> InOneCommitAsync(StoreRun run, StepGate gate, CustomerChange[] changes, int opener = 1)
    {
        var held = gate.HoldNext(StoreStep.CommitChecked);
        var opening = run.Customers.CommitAsync(Opener(opener)).AsTask();
        await held;
        var commits = run.Customers.Health.Commits;
        var waiting = run.OutcomesAsync(changes);
        gate.Open();

        Assert.Equal(CommitOutcome.Committed, await opening);
        var outcomes = await waiting;

        // The blocked commit, the changes' own, and after a stale change a few more for the changes it blocked.
        Assert.InRange(run.Customers.Health.Commits, commits + 1, commits + 2 + outcomes.Count(outcome => outcome == CommitOutcome.Conflict));
        return outcomes;
    }
}

public sealed class EmbeddedChainTests : ChainConformance
{
    private protected override Task<IStorePlace> NewPlaceAsync() => EmbeddedPlace.NewAsync();
}

public sealed class PostgresChainTests : ChainConformance
{
    private protected override Task<IStorePlace> NewPlaceAsync() => PostgresPlace.NewAsync();
}
