using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Faults;
using OrleansSegments.Storage.Journal;
using Xunit;

namespace OrleansSegments.UnitTests.Storage;

public sealed class JournalDamageTests : IDisposable
{
    private const int Page = FrameHeader.Alignment;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Each change is one commit of one page behind the page of the file's header.
    [Theory]
    [InlineData(0)]
    [InlineData(FrameHeader.Bytes + 100)]
    public async Task A_damaged_commit_with_another_behind_it_is_refused_and_not_skipped(int at)
    {
        using var copy = await CommittedAsync(3);
        Damage(copy.NewestJournalFile, (2 * Page) + at);

        var refusal = await Assert.ThrowsAsync<StoreException>(() => StoreRun.OpenAsync(copy));
        Assert.Contains("checksum", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(Path.GetFileName(copy.NewestJournalFile), refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(FrameHeader.Bytes + 5)]
    [InlineData(FrameHeader.Bytes + 100)]
    public async Task A_commit_that_was_not_written_to_the_end_never_happened(int at)
    {
        using var copy = await CommittedAsync(3);
        Damage(copy.NewestJournalFile, (3 * Page) + at);

        await using (var run = await StoreRun.OpenAsync(copy))
        {
            Assert.Equal(2, run.Customers.Totals.Population);
            Assert.Null(await run.ReadAsync("c:2"));
            Assert.Equal(CommitOutcome.Committed, await run.CommitAsync("c:2", 1, null, 7));
            await run.VerifyAsync();
        }

        await using var again = await StoreRun.OpenAsync(copy);
        Assert.Equal(7, (await again.ReadAsync("c:2"))!.SegmentId);
    }

    // The start reads no states, so that it is quick however many there are.
    [Fact]
    public async Task A_damaged_state_is_never_answered_with_and_never_merged()
    {
        using var copy = await CommittedAsync(3);
        Damage(copy.NewestJournalFile, (2 * Page) + FrameHeader.Bytes + 30);

        await using var run = await StoreRun.OpenAsync(copy);
        var refusal = await Assert.ThrowsAsync<StoreException>(async () => await run.ReadAsync("c:1"));
        Assert.Contains("checksum", refusal.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreException>(async () => await run.Customers.ScanAsync(null, 10, CancellationToken.None));
        Assert.NotNull(await run.ReadAsync("c:0"));
        Assert.False(await run.Store.MergeAsync());
        Assert.Contains("damaged", run.Customers.Health.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_journal_that_lost_a_file_in_the_middle_is_refused()
    {
        TemporaryFolder copy;
        await using (var run = await StoreRun.OpenAsync(_folder, options => options.JournalFileBytes = 65_536))
        {
            for (var number = 0; number < 60; number++)
            {
                await run.CommitAsync($"c:{number}", 1, null, 1);
            }

            copy = _folder.Copy();
        }

        using (copy)
        {
            var files = Directory.GetFiles(copy.Path, "journal-*").Order(StringComparer.Ordinal).ToArray();
            Assert.True(files.Length > 2, $"{files.Length} files");
            File.Delete(files[1]);
            var refusal = await Assert.ThrowsAsync<StoreException>(() => StoreRun.OpenAsync(copy));
            Assert.Contains("missing", refusal.Message, StringComparison.Ordinal);
        }
    }

    // A disk that fails to sync may drop the bytes and call the next sync a success.
    [Fact]
    public async Task After_a_sync_that_failed_commits_go_on_in_another_file_and_the_failed_one_counts_for_nothing()
    {
        var isFailing = false;
        TemporaryFolder copy;
        await using (var run = await StoreRun.OpenAsync(_folder, fault: step =>
        {
            if (isFailing && step == StoreStep.CommitWritten)
            {
                throw new JournalSyncException(new IOException("The disk failed to sync."));
            }
        }))
        {
            await run.CommitAsync("c:1", 1, null, 1);
            var before = _folder.NewestJournalFile;
            isFailing = true;
            Assert.Equal(CommitOutcome.Unavailable, await run.CommitAsync("c:2", 1, null, 1));
            isFailing = false;
            Assert.Equal(CommitOutcome.Committed, await run.CommitAsync("c:3", 1, null, 1));
            Assert.NotEqual(before, _folder.NewestJournalFile);
            copy = _folder.Copy();
        }

        using (copy)
        {
            await using var again = await StoreRun.OpenAsync(copy);
            Assert.NotNull(await again.ReadAsync("c:1"));
            Assert.Null(await again.ReadAsync("c:2"));
            Assert.NotNull(await again.ReadAsync("c:3"));
            await again.VerifyAsync();
        }
    }

    [Fact]
    public async Task A_failed_commit_is_void_even_when_it_was_the_last_thing_the_process_did()
    {
        using var copy = new TemporaryFolder();
        var isFailing = false;
        await using (var run = await StoreRun.OpenAsync(_folder, fault: step =>
        {
            if (isFailing && step == StoreStep.CommitWritten)
            {
                throw new IOException("The disk failed.");
            }
        }))
        {
            await run.CommitAsync("c:1", 1, null, 1);
            isFailing = true;
            Assert.Equal(CommitOutcome.Unavailable, await run.CommitAsync("c:2", 1, null, 1));
            using var killed = _folder.Copy();
            await using var again = await StoreRun.OpenAsync(killed);
            Assert.Null(await again.ReadAsync("c:2"));
            Assert.Equal(1, again.Customers.Totals.Population);
        }
    }

    private static void Damage(string path, int at)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[at] ^= 0x55;
        File.WriteAllBytes(path, bytes);
    }

    /// <summary>What a kill leaves after so many commits.</summary>
    private async Task<TemporaryFolder> CommittedAsync(int changes)
    {
        await using var run = await StoreRun.OpenAsync(_folder);
        for (var number = 0; number < changes; number++)
        {
            await run.CommitAsync($"c:{number}", 1, null, 1);
        }

        return _folder.Copy();
    }
}
