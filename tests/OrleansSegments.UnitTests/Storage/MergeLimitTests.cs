using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Faults;
using Xunit;

namespace OrleansSegments.UnitTests.Storage;

public sealed class MergeLimitTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

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

        // 150 commits of 60 kB are 9 MB; the file and its log keep to a fraction, since merged rows make room.
        var bytes = new DirectoryInfo(_folder.Path).GetFiles("journal.db").Sum(file => file.Length);
        Assert.True(bytes < 3_000_000, $"The journal has {bytes} bytes.");
    }
}
