using OrleansSegments.ClusterTests.Storage.Places;
using OrleansSegments.ClusterTests.Storage.Servers;
using OrleansSegments.Storage.Customers;
using OrleansSegments.TestKit.Disks;
using OrleansSegments.TestKit.Postgres;
using OrleansSegments.TestKit.Waiting;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Failures;

/// <summary>
/// A full disk of the server: changes are refused instead of falsely acknowledged, and accepted again once there is space.
/// </summary>
public sealed class PostgresFullDiskTests
{
    private const int DiskMegabytes = 24;
    private const int ServerDiskMegabytes = 160;
    private const int StateBytes = 20_000;

    // Only the tables are on the small disk: the server keeps running and reports the reason.
    [Fact]
    public async Task Tables_that_cannot_grow_refuse_changes_lose_none_and_heal_when_there_is_space()
    {
        PostgresRequired.OrSkip();
        using var disk = MountOrSkip(DiskMegabytes);
        await using var server = await PostgresServer.StartAsync();
        await PostgresServer.GiveFolderAsync(Path.Combine(disk.Folder, "tables"));
        await server.QueryAsync($"CREATE TABLESPACE small LOCATION '{disk.Folder}/tables'");
        await server.QueryAsync("ALTER DATABASE postgres SET default_tablespace = small");
        await using var place = new PostgresPlace(server);
        await using var run = await place.OpenAsync();
        disk.Fill(megabytesLeft: 4);
        var acknowledged = await FillAsync(run);
        Assert.False(run.Customers.Health.Writable);
        Assert.Contains("Free space", run.Customers.Health.Problem, StringComparison.Ordinal);
        disk.FreeSpace();

        await RecoversAsync(run, acknowledged);
    }

    // The server's own log is on the small disk: it stops, and must be restarted when there is space. The store need not be.
    [Fact]
    public async Task A_server_that_stops_for_want_of_space_and_is_started_again_has_all_that_was_acknowledged()
    {
        PostgresRequired.OrSkip();
        using var disk = MountOrSkip(ServerDiskMegabytes);
        await using var server = await PostgresServer.StartAsync(new PostgresServerOptions
        {
            ParentFolder = disk.Folder,
            Settings = { ["min_wal_size"] = "32MB", ["max_wal_size"] = "32MB", ["shared_buffers"] = "8MB" },
        });
        await using var place = new PostgresPlace(server);
        await using var run = await place.OpenAsync();
        disk.Fill(megabytesLeft: 12);
        var acknowledged = await FillAsync(run);
        Assert.False(run.Customers.Health.Writable);
        Assert.NotNull(run.Customers.Health.Problem);
        disk.FreeSpace();
        await server.StopAsync();
        await server.StartAgainAsync();

        await RecoversAsync(run, acknowledged);
    }

    private static SmallDisk MountOrSkip(int megabytes)
    {
        var disk = SmallDisk.TryMount(megabytes, out var problem);
        Assert.SkipUnless(disk is not null, problem ?? "");
        return disk;
    }

    /// <summary>Commits new customers until the disk is full; returns how many were acknowledged.</summary>
    private static async Task<int> FillAsync(StoreRun run)
    {
        var acknowledged = 0;
        for (var refused = 0; refused < 5; refused += await CommitAsync(run, acknowledged) ? 0 : 1)
        {
            acknowledged += refused == 0 ? 1 : 0;
            Assert.True(acknowledged < 20_000, "The disk did not become full.");
        }

        // The last one counted is the first one that was refused.
        return acknowledged - 1;
    }

    private static async Task<bool> CommitAsync(StoreRun run, int number)
    {
        var change = SampleChange.Of($"c:{number}", 1, null, 1, size: StateBytes);
        var outcome = await Condition.EndsAsync("a change is answered", run.Customers.CommitAsync(change).AsTask());
        Assert.True(outcome is CommitOutcome.Committed or CommitOutcome.Unavailable, $"{outcome}");
        return outcome == CommitOutcome.Committed;
    }

    private static async Task RecoversAsync(StoreRun run, int acknowledged)
    {
        await Condition.HoldsAsync("the store takes changes again", () => run.Customers.Health is { Writable: true, Problem: null }, () => run.Customers.Health.ToString());
        await run.CommitAllAsync(SampleChange.First(20, prefix: "after:", segment: 2, size: StateBytes));
        for (var number = 1; number <= acknowledged; number++)
        {
            Assert.NotNull(await run.ReadAsync($"c:{number}"));
        }

        Assert.Equal(20, run.Customers.Totals.SizeOf(2));
        await run.VerifyAsync();
    }
}
