using OrleansSegments.ClusterTests.Storage.Places;
using OrleansSegments.Storage.Customers;
using OrleansSegments.TestKit.Waiting;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Snapshots;

public abstract class SnapshotConformance : StoreTests
{
    private const int Customers = 300;

    [Fact]
    public async Task A_snapshot_stays_at_its_instant_whatever_is_committed_later()
    {
        await using var run = await Place.OpenAsync();
        var first = SampleChange.First(Customers).ToArray();
        await run.CommitAllAsync(first);
        await using var snapshot = await run.Customers.TakeSnapshotAsync(CancellationToken.None);
        var before = await snapshot.ScanAsync(null, 1_000, CancellationToken.None);

        // Some leave the segment, some come, and some change within it.
        await run.CommitAllAsync(first[..100].Select(change => SampleChange.Of(change.CustomerId, 2, 1, 2)));
        await run.CommitAllAsync(first[100..200].Select(change => SampleChange.Of(change.CustomerId, 2, 1, 1)));
        await run.CommitAllAsync(SampleChange.First(50, prefix: "b:"));
        await run.SettleAsync();

        Assert.Equal((Customers, Customers), (snapshot.Totals.Population, snapshot.Totals.SizeOf(1)));
        Assert.Equal(first.Select(change => change.CustomerId), await MembersAsync(snapshot, 1, limit: 37));
        Assert.Empty(await MembersAsync(snapshot, 2, limit: 37));
        var scanned = await snapshot.ScanAsync(null, 1_000, CancellationToken.None);
        Assert.All(scanned, customer => Assert.Equal(1, customer.Record.Version));
        Assert.Equal(before.Select(customer => customer.CustomerId), scanned.Select(customer => customer.CustomerId));
        Assert.Equal((250, 100), (run.Customers.Totals.SizeOf(1), run.Customers.Totals.SizeOf(2)));
    }

    [Fact]
    public async Task A_snapshot_has_as_many_members_as_its_totals_say_while_customers_move()
    {
        await using var run = await Place.OpenAsync();
        await run.CommitAllAsync(SampleChange.First(Customers));
        using var stop = new CancellationTokenSource();
        var moving = MoveAsync(run, stop.Token);
        try
        {
            for (var look = 0; look < 20; look++)
            {
                await using var snapshot = await run.Customers.TakeSnapshotAsync(CancellationToken.None);
                var (one, two) = (await MembersAsync(snapshot, 1, limit: 50), await MembersAsync(snapshot, 2, limit: 50));
                Assert.Equal((snapshot.Totals.SizeOf(1), snapshot.Totals.SizeOf(2)), (one.Count, two.Count));
                Assert.Equal(Customers, one.Union(two).Count());
                var moved = await run.TransitionsAsync(after: snapshot.Totals.Sequence);
                Assert.All(moved, transition => Assert.True(transition.Sequence > snapshot.Totals.Sequence));
            }
        }
        finally
        {
            await stop.CancelAsync();
            Assert.True(await Condition.EndsAsync("the customers stop moving", moving) > 1, "Nobody moved.");
        }
    }

    [Fact]
    public async Task A_snapshot_may_be_disposed_of_twice_and_after_its_store()
    {
        ICustomerSnapshot snapshot;
        await using (var run = await Place.OpenAsync())
        {
            await run.CommitAllAsync(SampleChange.First(3));
            snapshot = await run.Customers.TakeSnapshotAsync(CancellationToken.None);
            await using var second = await run.Customers.TakeSnapshotAsync(CancellationToken.None);
            await second.DisposeAsync();
        }

        await snapshot.DisposeAsync();
        await using var again = await Place.OpenAsync();
        Assert.Equal(3, again.Customers.Totals.Population);
    }

    private static async Task<int> MoveAsync(StoreRun run, CancellationToken stop)
    {
        var version = 1;
        while (!stop.IsCancellationRequested)
        {
            var (from, to) = version % 2 == 1 ? (1, 2) : (2, 1);
            version++;
            await run.CommitAllAsync(Enumerable.Range(0, Customers / 2).Select(number => SampleChange.Of($"c:{number * 2:d6}", version, from, to)));
        }

        return version;
    }

    private static async Task<List<string>> MembersAsync(ICustomerSnapshot snapshot, int segmentId, int limit)
    {
        var all = new List<string>();
        while (await snapshot.ReadMembersAsync(segmentId, all.LastOrDefault(), limit, CancellationToken.None) is { Count: > 0 } page)
        {
            Assert.True(page.Count <= limit, $"A page of {limit} has {page.Count} members.");
            all.AddRange(page);
        }

        return all;
    }
}

public sealed class EmbeddedSnapshotTests : SnapshotConformance
{
    private protected override Task<IStorePlace> NewPlaceAsync() => EmbeddedPlace.NewAsync();
}

public sealed class PostgresSnapshotTests : SnapshotConformance
{
    private protected override Task<IStorePlace> NewPlaceAsync() => PostgresPlace.NewAsync();
}
