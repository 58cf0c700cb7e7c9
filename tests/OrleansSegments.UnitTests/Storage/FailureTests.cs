using System.Diagnostics;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Embedded;
using OrleansSegments.Storage.Faults;
using Xunit;

namespace OrleansSegments.UnitTests.Storage;

public sealed class FailureTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private StoreStep? _failing;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_commit_that_fails_is_unavailable_counts_for_nothing_and_the_next_one_succeeds()
    {
        await using (var run = await StoreRun.OpenAsync(_folder, fault: Fail))
        {
            await run.CommitAsync("c:1", 1, null, 1, due: 50);
            _failing = StoreStep.CommitChecked;
            Assert.Equal(CommitOutcome.Unavailable, await run.CommitAsync("c:1", 2, 1, 2));
            Assert.Equal(CommitOutcome.Unavailable, await run.CommitAsync("c:2", 1, null, 2));
            Assert.False(run.Customers.Health.Writable);
            Assert.Contains("disk", run.Customers.Health.Problem, StringComparison.Ordinal);
            Assert.Equal(1, (await run.ReadAsync("c:1"))!.Version);
            Assert.Equal(0, run.Customers.Totals.SizeOf(2));
            Assert.Single(await run.TransitionsAsync());
            await Assert.ThrowsAsync<StoreException>(async () =>
                await run.Customers.UpdateDeadlinesAsync([new DeadlineUpdate("c:1", 1, 60)], CancellationToken.None));

            _failing = null;
            Assert.Equal(CommitOutcome.Committed, await run.CommitAsync("c:1", 2, 1, 2));
            Assert.True(run.Customers.Health.Writable);
            Assert.Null(run.Customers.Health.Problem);
            await run.VerifyAsync();
        }

        await using var again = await StoreRun.OpenAsync(_folder);
        Assert.Null(await again.ReadAsync("c:2"));
        Assert.Equal(2, (await again.TransitionsAsync()).Length);
        await again.VerifyAsync();
    }

    [Fact]
    public async Task A_durable_commit_that_memory_missed_is_unavailable_and_the_next_change_is_a_conflict()
    {
        await using var run = await StoreRun.OpenAsync(_folder, fault: Fail);
        _failing = StoreStep.CommitDurable;
        Assert.Equal(CommitOutcome.Unavailable, await run.CommitAsync("c:1", 1, null, 1, due: 40));
        Assert.False(run.Customers.Health.Writable);

        _failing = null;
        Assert.Equal(CommitOutcome.Conflict, await run.CommitAsync("c:1", 1, null, 1));
        Assert.Equal(1, (await run.ReadAsync("c:1"))!.Version);
        Assert.Equal(1, run.Customers.Totals.SizeOf(1));
        Assert.Equal(40, run.Customers.EarliestDeadlineMilliseconds);
        Assert.Equal(CommitOutcome.Committed, await run.CommitAsync("c:1", 2, 1, 1));
        Assert.Null(run.Customers.Health.Problem);
        await run.VerifyAsync();
    }

    // A bug in the store must not end it: the database determines what is durable.
    [Fact]
    public async Task An_unexpected_failure_fails_only_one_commit()
    {
        await using var run = await StoreRun.OpenAsync(_folder, fault: step =>
        {
            if (step == _failing)
            {
                throw new InvalidOperationException($"A bug at {step}.");
            }
        });
        _failing = StoreStep.CommitApplied;
        Assert.Equal(CommitOutcome.Unavailable, await run.CommitAsync("c:1", 1, null, 1));
        Assert.Contains("A bug", run.Customers.Health.Problem, StringComparison.Ordinal);
        _failing = null;
        Assert.Equal(CommitOutcome.Committed, await run.CommitAsync("c:2", 1, null, 1));
        Assert.Equal(2, run.Customers.Totals.Population);
        await run.VerifyAsync();
    }

    [Fact]
    public async Task A_full_disk_refuses_changes_loses_none_and_heals_when_there_is_space()
    {
        var disk = Path.Combine(_folder.Path, "disk");
        Directory.CreateDirectory(disk);
        Assert.SkipUnless(Mount(disk), "A small file system cannot be mounted here: run as root with the right to mount.");
        try
        {
            await FillAndHealAsync(disk);
        }
        finally
        {
            Run("umount", disk);
        }
    }

    private static async Task FillAndHealAsync(string disk)
    {
        var options = new EmbeddedStoreOptions { Folder = Path.Combine(disk, "data") };
        var acknowledged = 0;
        await using (var store = await EmbeddedStore.OpenAsync(
            options, new StillTime(), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, CancellationToken.None))
        {
            var ballast = Path.Combine(disk, "ballast");
            await File.WriteAllBytesAsync(ballast, new byte[8_000_000]);
            var outcome = CommitOutcome.Committed;
            for (; acknowledged < 10_000; acknowledged++)
            {
                outcome = await store.Customers.CommitAsync(StoreRun.Change($"c:{acknowledged}", 1, null, 1, size: 20_000));
                if (outcome != CommitOutcome.Committed)
                {
                    break;
                }
            }

            Assert.Equal(CommitOutcome.Unavailable, outcome);
            Assert.False(store.Customers.Health.Writable);
            Assert.Contains("Free space", store.Customers.Health.Problem, StringComparison.Ordinal);

            File.Delete(ballast);
            Assert.Equal(
                CommitOutcome.Committed, await store.Customers.CommitAsync(StoreRun.Change($"c:{acknowledged}", 1, null, 1, size: 20_000)));
            acknowledged++;
            Assert.Null(store.Customers.Health.Problem);
            Assert.Equal(acknowledged, store.Customers.Totals.Population);
        }

        await using var again = await EmbeddedStore.OpenAsync(
            options, new StillTime(), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, CancellationToken.None);
        Assert.Equal(acknowledged, again.Customers.Totals.Population);
        for (var number = 0; number < acknowledged; number++)
        {
            Assert.NotNull(await again.Customers.ReadAsync($"c:{number}", CancellationToken.None));
        }
    }

    private static bool Mount(string folder) =>
        OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && Run("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder);

    private static bool Run(string command, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private void Fail(StoreStep step)
    {
        if (step == _failing)
        {
            throw new IOException($"The disk failed at {step}.");
        }
    }
}
