using Microsoft.Extensions.Logging.Abstractions;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Embedded;
using RocksDbSharp;
using Xunit;

namespace OrleansSegments.UnitTests.Storage;

public sealed class OpeningTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_second_opener_is_refused_with_the_holders_process_id()
    {
        await using (await StoreRun.OpenAsync(_folder))
        {
            var refusal = await Assert.ThrowsAsync<StoreException>(() => StoreRun.OpenAsync(_folder));
            Assert.Contains($"process {Environment.ProcessId}", refusal.Message, StringComparison.Ordinal);
        }

        await using var again = await StoreRun.OpenAsync(_folder);
    }

    [Theory]
    [InlineData("99", "knows formats up to")]
    [InlineData("1", "never released")]
    [InlineData("what?", "damaged")]
    [InlineData("", "damaged")]
    public async Task A_newer_or_damaged_format_is_refused_and_not_changed(string format, string words)
    {
        await WriteOneAsync();
        await File.WriteAllTextAsync(_folder[DataFolder.FormatFile], format);

        var refusal = await Assert.ThrowsAsync<StoreException>(() => StoreRun.OpenAsync(_folder));
        Assert.Contains(words, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(_folder[DataFolder.FormatFile], refusal.Message, StringComparison.Ordinal);
        Assert.Equal(format, await File.ReadAllTextAsync(_folder[DataFolder.FormatFile]));
    }

    [Theory]
    [InlineData("CURRENT")]
    [InlineData("MANIFEST-*")]
    [InlineData("*.log")]
    [InlineData("*.sst")]
    public async Task A_file_of_garbage_is_refused_by_name_and_the_folder_is_free_again(string files)
    {
        await WriteOneAsync(flushed: files == "*.sst");
        var path = _folder.DatabaseFiles(files)[^1];
        var good = await File.ReadAllBytesAsync(path);
        var garbage = new byte[good.Length];
        new Random(5).NextBytes(garbage);
        await File.WriteAllBytesAsync(path, garbage);

        var refusal = await Assert.ThrowsAsync<StoreException>(() => OpenAndReadAsync());
        Assert.Contains("damaged", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(_folder.Path, refusal.Message, StringComparison.Ordinal);
        await File.WriteAllBytesAsync(path, good);
        await OpenAndReadAsync();
    }

    [Theory]
    [InlineData("CURRENT")]
    [InlineData("MANIFEST-*")]
    [InlineData("*.log")]
    [InlineData("*.sst")]
    public async Task A_missing_file_is_refused_because_acknowledged_changes_may_be_missing(string files)
    {
        await WriteOneAsync(flushed: files == "*.sst");
        foreach (var file in _folder.DatabaseFiles(files))
        {
            File.Delete(file);
        }

        var refusal = await Assert.ThrowsAsync<StoreException>(() => OpenAndReadAsync());
        Assert.Contains(_folder.Path, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("damaged or missing", refusal.Message, StringComparison.Ordinal);
    }

    // RocksDB takes a bad record in its newest log for the torn end of a write and opens without the rest.
    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public async Task A_flipped_byte_in_the_newest_log_is_not_taken_for_its_end(double place)
    {
        await using (var run = await StoreRun.OpenAsync(_folder))
        {
            for (var number = 0; number < 50; number++)
            {
                await run.CommitAsync($"c:{number}", 1, null, 1);
            }
        }

        var log = _folder.DatabaseFiles("*.log")[^1];
        var bytes = await File.ReadAllBytesAsync(log);
        var end = Array.FindLastIndex(bytes, value => value != 0);
        bytes[(int)(end * place)] ^= 0x10;
        await File.WriteAllBytesAsync(log, bytes);

        var refusal = await Assert.ThrowsAsync<StoreException>(() => StoreRun.OpenAsync(_folder));
        Assert.Contains("acknowledged changes", refusal.Message, StringComparison.Ordinal);
    }

    // Such a folder was made before customers were found by traits.
    [Fact]
    public async Task A_folder_without_the_index_of_traits_gets_it()
    {
        await WriteOneAsync();
        var options = new DbOptions();
        var families = new ColumnFamilies();
        foreach (var name in RocksDb.ListColumnFamilies(options, _folder[DataFolder.DatabaseFolder]))
        {
            families.Add(name, new ColumnFamilyOptions());
        }

        using (var rocks = RocksDb.Open(options, _folder[DataFolder.DatabaseFolder], families))
        {
            rocks.DropColumnFamily("traits");
        }

        await using (var run = await StoreRun.OpenAsync(_folder))
        {
            Assert.Equal(1, (await run.ReadAsync("c:1"))!.Version);
            var change = StoreRun.Change("c:1", 2, 1, 1) with { Traits = [new TraitEntry("email", "ada", IsAdded: true)] };
            Assert.Equal(CommitOutcome.Committed, await run.Customers.CommitAsync(change));
        }

        await using var again = await StoreRun.OpenAsync(_folder);
        Assert.Equal(["c:1"], await again.Customers.FindByTraitAsync("email", "ada", null, 10, CancellationToken.None));
    }

    // A power cut leaves the end of an unacknowledged write.
    [Fact]
    public async Task The_torn_end_of_the_newest_log_is_passed_over()
    {
        await WriteOneAsync();
        var log = _folder.DatabaseFiles("*.log")[^1];
        await using (var file = new FileStream(log, FileMode.Append))
        {
            file.Write([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
        }

        await using var run = await StoreRun.OpenAsync(_folder);
        Assert.Equal(1, (await run.ReadAsync("c:1"))!.Version);
        Assert.Equal(CommitOutcome.Committed, await run.CommitAsync("c:1", 2, 1, 1));
    }

    [Fact]
    public async Task A_file_in_the_place_of_the_folder_is_refused()
    {
        var options = new EmbeddedStoreOptions { Folder = _folder["file"] };
        await File.WriteAllTextAsync(options.Folder, "not a folder");

        var refusal = await Assert.ThrowsAsync<StoreException>(() => EmbeddedStore.OpenAsync(
            options, new StillTime(), NullLogger.Instance, CancellationToken.None));
        Assert.Contains(options.Folder, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_may_not_be_written_is_refused()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "Root may write everywhere: run as another user.");
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has other rights on folders.");
            return;
        }

        File.SetUnixFileMode(_folder.Path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            var refusal = await Assert.ThrowsAsync<StoreException>(() => StoreRun.OpenAsync(_folder));
            Assert.Contains("right to write", refusal.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.SetUnixFileMode(_folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public async Task A_folder_is_deleted_only_when_no_process_has_it_open()
    {
        var folder = _folder["data"];
        var options = new EmbeddedStoreOptions { Folder = folder };
        await using (var store = await EmbeddedStore.OpenAsync(options, new StillTime(), NullLogger.Instance, CancellationToken.None))
        {
            await store.Customers.CommitAsync(StoreRun.Change("c:1", 1, null, 1));
            Assert.Throws<StoreException>(() => EmbeddedStore.Delete(folder));
            Assert.NotNull(await store.Customers.ReadAsync("c:1", CancellationToken.None));
        }

        EmbeddedStore.Delete(folder);
        Assert.False(Directory.Exists(folder));
    }

    private async Task WriteOneAsync(bool flushed = false)
    {
        await using var run = await StoreRun.OpenAsync(_folder);
        await run.CommitAsync("c:1", 1, null, 1);
        if (flushed)
        {
            run.Store.Flush();
        }
    }

    private async Task OpenAndReadAsync()
    {
        await using var run = await StoreRun.OpenAsync(_folder);
        Assert.Equal(1, (await run.ReadAsync("c:1"))!.Version);
        await run.VerifyAsync();
    }
}
