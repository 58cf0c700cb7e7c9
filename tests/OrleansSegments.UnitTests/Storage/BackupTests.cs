using OrleansSegments.Storage.Customers;
using Xunit;

namespace OrleansSegments.UnitTests.Storage;

public sealed class BackupTests : IDisposable
{
    private const int Customers = 300;

    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _copy = new();

    public void Dispose()
    {
        _folder.Dispose();
        _copy.Dispose();
    }

    [Fact]
    public async Task A_copy_of_a_running_store_has_everything_of_one_moment_and_opens_like_any_other()
    {
        await using var run = await StoreRun.OpenAsync(_folder);
        await run.CommitAllAsync(Enumerable.Range(0, Customers).Select(number => StoreRun.Change($"c:{number:d4}", 1, null, 0, due: number)));
        await run.Store.Control.TryWriteAsync("model", "current", 0, new byte[] { 7 }, CancellationToken.None);
        using var ending = new CancellationTokenSource();
        var rounds = 1;
        var changing = Task.Run(async () =>
        {
            while (!ending.IsCancellationRequested)
            {
                var version = ++rounds;
                await run.CommitAllAsync(Enumerable.Range(0, Customers).Select(number => StoreRun.Change($"c:{number:d4}", version, version - 2, version - 1, due: number)));
            }
        });

        var before = Volatile.Read(ref rounds);
        await run.Store.BackupAsync(_copy.Path, CancellationToken.None);
        await ending.CancelAsync();
        await changing;
        await using var copy = await StoreRun.OpenAsync(_copy);

        await copy.VerifyAsync();
        Assert.Equal(Customers, copy.Customers.Totals.Population);
        Assert.InRange((await copy.ReadAsync("c:0000"))!.Version, before - 1, rounds);
        Assert.Equal(copy.Customers.Totals.Sequence, (await copy.TransitionsAsync())[^1].Sequence);
        Assert.Equal([7], (await copy.Store.Control.ReadAsync("model", "current", CancellationToken.None))!.Content);
        var (versionHere, versionThere) = ((await run.ReadAsync("c:0001"))!.Version, (await copy.ReadAsync("c:0001"))!.Version);
        Assert.Equal(CommitOutcome.Committed, await copy.CommitAsync("c:0001", versionThere + 1, (int)versionThere - 1, 5));
        Assert.Equal(versionHere, (await run.ReadAsync("c:0001"))!.Version);
    }

    [Fact]
    public async Task A_folder_that_holds_something_is_left_alone()
    {
        await using var run = await StoreRun.OpenAsync(_folder);
        await File.WriteAllTextAsync(_copy["note"], "mine");
        var refusal = await Assert.ThrowsAsync<StoreException>(() => run.Store.BackupAsync(_copy.Path, CancellationToken.None));
        Assert.Contains("not empty", refusal.Message, StringComparison.Ordinal);
        Assert.Equal([_copy["note"]], Directory.GetFileSystemEntries(_copy.Path));
    }
}
