using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Faults;
using Xunit;

namespace OrleansSegments.UnitTests.Storage;

public sealed class LimitTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Above_the_limit_of_waiting_changes_a_change_is_refused_at_once_and_accepted_again_later()
    {
        using var gate = new CommitGate();
        await using var run = await StoreRun.OpenAsync(_folder, options => options.ChangesWaitingMax = 5, gate.Fault);
        var held = gate.HoldNextCommit();
        var waiting = new List<Task<CommitOutcome>> { run.CommitAsync("c:0", 1, null, 1).AsTask() };
        await held;
        waiting.AddRange(Enumerable.Range(1, 4).Select(number => run.CommitAsync($"c:{number}", 1, null, 1).AsTask()));

        var refused = run.CommitAsync("c:9", 1, null, 1);
        Assert.True(refused.IsCompleted);
        Assert.Equal(CommitOutcome.Overloaded, await refused);
        Assert.Equal(5, run.Customers.Health.ChangesWaiting);

        gate.Open();
        Assert.All(await Task.WhenAll(waiting), outcome => Assert.Equal(CommitOutcome.Committed, outcome));
        Assert.Equal(0, run.Customers.Health.ChangesWaiting);
        Assert.Equal(CommitOutcome.Committed, await run.CommitAsync("c:9", 1, null, 1));
    }

    [Fact]
    public async Task Above_the_limit_of_waiting_bytes_a_change_is_refused()
    {
        using var gate = new CommitGate();
        await using var run = await StoreRun.OpenAsync(_folder, options => options.BytesWaitingMax = 10_000, gate.Fault);
        var held = gate.HoldNextCommit();
        var first = run.Customers.CommitAsync(StoreRun.Change("c:0", 1, null, 1, size: 9_000)).AsTask();
        await held;

        Assert.Equal(CommitOutcome.Overloaded, await run.Customers.CommitAsync(StoreRun.Change("c:1", 1, null, 1, size: 2_000)));
        gate.Open();
        Assert.Equal(CommitOutcome.Committed, await first);
    }

    [Fact]
    public async Task A_commit_holds_no_more_changes_than_the_limit()
    {
        using var gate = new CommitGate();
        await using var run = await StoreRun.OpenAsync(_folder, options => options.CommitChangesMax = 10, gate.Fault);
        var held = gate.HoldNextCommit();
        var waiting = new List<Task<CommitOutcome>> { run.CommitAsync("c:first", 1, null, 1).AsTask() };
        await held;
        waiting.AddRange(Enumerable.Range(0, 95).Select(number => run.CommitAsync($"c:{number}", 1, null, 1).AsTask()));
        gate.Open();
        await Task.WhenAll(waiting);

        Assert.Equal(11, run.Customers.Health.Commits);
        Assert.Equal(96, run.Customers.Health.ChangesCommitted);
    }

    [Fact]
    public async Task At_the_limit_of_unmerged_customers_commits_wait_for_the_merge_and_go_on()
    {
        await using var run = await StoreRun.OpenAsync(_folder, options =>
        {
            options.UnmergedCustomersMax = 100;
            options.MergeCustomers = 1_000;
            options.CommitChangesMax = 50;
        });
        await run.CommitAllAsync(Enumerable.Range(0, 2_000).Select(number => StoreRun.Change($"c:{number}", 1, null, 1)));

        Assert.True(run.Customers.Health.ChangesUnmerged < 150, $"{run.Customers.Health.ChangesUnmerged} customers are unmerged.");
        await run.VerifyAsync();
    }

    [Fact]
    public async Task A_merge_starts_by_itself_when_enough_has_gathered()
    {
        var merged = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var run = await StoreRun.OpenAsync(
            _folder,
            options => options.MergeCustomers = 10,
            step =>
            {
                if (step == StoreStep.MergeReleased)
                {
                    merged.TrySetResult();
                }
            });
        await run.CommitAllAsync(Enumerable.Range(0, 10).Select(number => StoreRun.Change($"c:{number}", 1, null, 1)));

        await merged.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task The_journal_does_not_grow_with_the_number_of_commits()
    {
        await using var run = await StoreRun.OpenAsync(_folder);
        for (var round = 1; round <= 30; round++)
        {
            for (var version = 1; version <= 5; version++)
            {
                var at = ((round - 1) * 5) + version;
                await run.Customers.CommitAsync(StoreRun.Change("c:1", at, at == 1 ? null : 1, 1, size: 60_000));
            }

            await run.MergeAsync();
        }

        // 150 commits of 60 kB are 9 MB; the files keep to a fraction, since merged ones are used again.
        var bytes = new DirectoryInfo(_folder.Path).GetFiles("journal-*").Sum(file => file.Length);
        Assert.True(bytes < 6_000_000, $"The journal has {bytes} bytes.");
    }
}
