using System.IO.Compression;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Folder;
using OrleansSegments.Storage.Sqlite;
using Xunit;

namespace OrleansSegments.UnitTests.Storage;

/// <summary>
/// A folder that the version before the journal's files wrote and was killed over: 40 customers merged, then 20 of them changed, 5 new ones
/// and 2 deadlines moved, which only <c>journal.db</c> knows.
/// </summary>
public sealed class LegacyJournalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public LegacyJournalTests()
    {
        using var released = typeof(LegacyJournalTests).Assembly.GetManifestResourceStream("journal-db.zip")!;
        ZipFile.ExtractToDirectory(released, _folder.Path);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Everything_it_acknowledged_is_there_and_its_journal_is_gone()
    {
        await using (var run = await StoreRun.OpenAsync(_folder))
        {
            await AssertAllThereAsync(run);
            Assert.False(File.Exists(Path.Combine(_folder.Path, DataFolder.LegacyJournalFile)));
            await run.VerifyAsync();
        }

        await using var again = await StoreRun.OpenAsync(_folder);
        await AssertAllThereAsync(again);
        Assert.Equal([1, 2, 3], (await again.Store.Control.ReadAsync("model", "current", CancellationToken.None))!.Content);
    }

    [Fact]
    public async Task A_move_that_was_interrupted_is_done_again()
    {
        using var copy = _folder.Copy();
        await using (await StoreRun.OpenAsync(copy))
        {
        }

        // The old journal is still there beside files of the new one: what a kill before its removal leaves.
        File.Copy(copy.NewestJournalFile, Path.Combine(_folder.Path, "journal-0000000001.log"));
        await using var run = await StoreRun.OpenAsync(_folder);
        await AssertAllThereAsync(run);
        await run.VerifyAsync();
    }

    [Fact]
    public async Task A_newer_schema_of_it_is_refused()
    {
        using (var database = SqliteDatabase.Open(Path.Combine(_folder.Path, DataFolder.LegacyJournalFile)))
        {
            database.Execute("PRAGMA user_version=99");
        }

        var refusal = await Assert.ThrowsAsync<StoreException>(() => StoreRun.OpenAsync(_folder));
        Assert.Contains("schema version 99", refusal.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder.Path, DataFolder.LegacyJournalFile)));
    }

    [Fact]
    public async Task Damage_in_it_is_refused()
    {
        using (var database = SqliteDatabase.Open(Path.Combine(_folder.Path, DataFolder.LegacyJournalFile)))
        {
            database.Execute("UPDATE commits SET payload = substr(payload, 1, 20) || zeroblob(length(payload) - 20)");
        }

        var refusal = await Assert.ThrowsAsync<StoreException>(() => StoreRun.OpenAsync(_folder));
        Assert.Contains("checksum", refusal.Message, StringComparison.Ordinal);
    }

    private static async Task AssertAllThereAsync(StoreRun run)
    {
        Assert.Equal(45, run.Customers.Totals.Population);
        for (var number = 0; number < 45; number++)
        {
            var version = number < 20 ? 2 : 1;
            var record = await run.ReadAsync($"c:{number:d2}");
            Assert.NotNull(record);
            Assert.Equal((version, Segment(number)), (record.Version, record.SegmentId));
            Assert.Equal((3, StoreRun.Now + version, record.SegmentId + 1, version),
                (record.ModelVersion, record.SegmentSinceMilliseconds, record.SettledSegmentId, record.SettledHour));
            Assert.Equal(Enumerable.Range(0, 40).Select(index => (byte)((number * 31) + (version * 7) + index)), record.State);
        }

        Assert.Equal(
            [new DueCustomer("c:30", 1, StoreRun.Now + 5), new DueCustomer("c:03", 2, StoreRun.Now + 6)], (await run.DueAsync(StoreRun.Now + 19))[..2]);
        Assert.Equal(45 + 10, (await run.TransitionsAsync()).Length);
        Assert.Equal(["c:40", "c:41", "c:42", "c:43", "c:44"], await run.MembersAsync(5));
    }

    private static int Segment(int number) => number >= 40 ? 5 : number >= 20 ? number % 4 : (number + (number % 2)) % 4;
}
