using OrleansSegments.ClusterTests.Storage.Oracles;
using OrleansSegments.ClusterTests.Storage.Places;
using OrleansSegments.Storage.Customers;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Workloads;

/// <summary>A seeded random workload compared with the oracle: totals after every step, everything else every few steps.</summary>
public abstract class WorkloadConformance : StoreTests
{
    private const int Steps = 100;
    private const int LookEvery = 4;

    private static readonly string[] Prefixes = ["c:", "C:", "c:\u00E4", "c:a\u0308", "c:\U0001F600", "c:\uFFFD", "c:\0", "c:\u05D0"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task The_store_agrees_with_the_oracle_after_every_step(int seed)
    {
        var random = new Random(seed);
        var oracle = new StoreOracle();
        var run = await Place.OpenAsync();
        try
        {
            for (var step = 1; step <= Steps; step++)
            {
                var moment = $"seed {seed}, step {step}";
                switch (random.Next(12))
                {
                    case 0:
                        await run.SettleAsync();
                        break;
                    case 1:
                        await run.DisposeAsync();
                        run = await Place.OpenAsync();
                        break;
                    case 2:
                    case 3:
                        await MoveDeadlinesAsync(run, oracle, random);
                        break;
                    default:
                        await ChangeAsync(run, oracle, random, moment);
                        break;
                }

                oracle.AssertTotals(run, moment);
                if (step % LookEvery == 0)
                {
                    await oracle.AssertAgreesAsync(run, random, moment);
                }
            }
        }
        finally
        {
            await run.DisposeAsync();
        }
    }

    private static async Task ChangeAsync(StoreRun run, StoreOracle oracle, Random random, string moment)
    {
        var changes = new List<CustomerChange>();
        var expected = new List<CommitOutcome>();
        var isStale = random.Next(5) == 0;
        for (var left = random.Next(1, 25); left > 0; left--)
        {
            var id = $"{Prefixes[random.Next(Prefixes.Length)]}{random.Next(10)}";
            var before = oracle.RecordOf(id);
            var to = before is not null && random.Next(2) == 0 ? before.SegmentId : random.Next(5) - 1;
            long? due = random.Next(3) == 0 ? null : random.Next(200);
            var change = SampleChange.Of(id, oracle.VersionOf(id) + 1, before?.SegmentId, to, due, random.Next(60));
            if (isStale && random.Next(3) == 0)
            {
                change = change with { PreviousSegmentId = (change.PreviousSegmentId ?? 0) + 7 };
            }

            changes.Add(change);
            expected.Add(oracle.Commit(change));
        }

        var outcomes = await run.OutcomesAsync(changes);
        for (var index = 0; index < outcomes.Length; index++)
        {
            Assert.True(outcomes[index] == expected[index], $"{outcomes[index]} instead of {expected[index]}: {changes[index]}, {moment}. {run.Customers.Health.Problem}");
        }
    }

    private static async Task MoveDeadlinesAsync(StoreRun run, StoreOracle oracle, Random random)
    {
        var updates = new List<DeadlineUpdate>();
        foreach (var id in oracle.CustomerIds)
        {
            var version = oracle.VersionOf(id);
            updates.Add(new DeadlineUpdate(id, random.Next(4) == 0 ? version - 1 : version, random.Next(3) == 0 ? null : random.Next(200)));
        }

        updates.Add(new DeadlineUpdate("c:nobody", 1, 5));
        await run.Customers.UpdateDeadlinesAsync(updates, CancellationToken.None);
        updates.ForEach(oracle.Update);
    }
}

public sealed class EmbeddedWorkloadTests : WorkloadConformance
{
    private protected override Task<IStorePlace> NewPlaceAsync() => EmbeddedPlace.NewAsync();
}

public sealed class PostgresWorkloadTests : WorkloadConformance
{
    private protected override Task<IStorePlace> NewPlaceAsync() => PostgresPlace.NewAsync();
}
