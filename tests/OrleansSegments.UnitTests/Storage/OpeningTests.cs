using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Folder;
using OrleansSegments.Storage.Journal;
using OrleansSegments.Storage.Sqlite;
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
    [InlineData(DataFolder.CustomersFile)]
    [InlineData(DataFolder.ControlFile)]
    public async Task A_newer_schema_is_refused_and_left_alone(string file)
    {
        await using (await StoreRun.OpenAsync(_folder))
        {
        }

        var path = Path.Combine(_folder.Path, file);
        using (var database = SqliteDatabase.Open(path))
        {
            database.Execute("PRAGMA user_version=99");
        }

        var refusal = await Assert.ThrowsAsync<StoreException>(() => StoreRun.OpenAsync(_folder));
        Assert.Contains("schema version 99", refusal.Message, StringComparison.Ordinal);
        using var untouched = SqliteDatabase.Open(path);
        Assert.Equal(99, untouched.QueryNumber("PRAGMA user_version"));
    }

    [Fact]
    public async Task A_newer_journal_is_refused_and_left_alone()
    {
        await using (await StoreRun.OpenAsync(_folder))
        {
        }

        var path = _folder.NewestJournalFile;
        var newer = await File.ReadAllBytesAsync(path);
        BitConverter.TryWriteBytes(newer.AsSpan(JournalFileHeader.VersionOffset), 99);
        await File.WriteAllBytesAsync(path, newer);

        var refusal = await Assert.ThrowsAsync<StoreException>(() => StoreRun.OpenAsync(_folder));
        Assert.Contains("schema version 99", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(newer, await File.ReadAllBytesAsync(path));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(DataFolder.CustomersFile)]
    [InlineData(DataFolder.ControlFile)]
    public async Task A_file_of_garbage_is_refused_by_name_and_the_folder_is_free_again(string? file)
    {
        await using (await StoreRun.OpenAsync(_folder))
        {
        }

        var path = file is null ? _folder.NewestJournalFile : Path.Combine(_folder.Path, file);
        var garbage = new byte[100_000];
        new Random(5).NextBytes(garbage);
        var good = await File.ReadAllBytesAsync(path);
        await File.WriteAllBytesAsync(path, garbage);

        var refusal = await Assert.ThrowsAsync<StoreException>(() => StoreRun.OpenAsync(_folder));
        Assert.Contains(Path.GetFileName(path), refusal.Message, StringComparison.Ordinal);
        await File.WriteAllBytesAsync(path, good);
        await using var again = await StoreRun.OpenAsync(_folder);
    }

    [Fact]
    public async Task Customers_without_their_journal_are_refused_because_acknowledged_changes_may_be_missing()
    {
        await using (var run = await StoreRun.OpenAsync(_folder))
        {
            await run.CommitAsync("c:1", 1, null, 1);
        }

        File.Delete(_folder.NewestJournalFile);
        var refusal = await Assert.ThrowsAsync<StoreException>(() => StoreRun.OpenAsync(_folder));
        Assert.Contains("journal-", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_in_the_place_of_the_folder_is_refused()
    {
        var options = new OrleansSegments.Storage.SqliteStoreOptions { Folder = Path.Combine(_folder.Path, "file") };
        await File.WriteAllTextAsync(options.Folder, "not a folder");

        var refusal = await Assert.ThrowsAsync<StoreException>(() => OrleansSegments.Storage.SqliteStore.OpenAsync(
            options, new StillTime(), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, CancellationToken.None));
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
        var folder = Path.Combine(_folder.Path, "data");
        var options = new OrleansSegments.Storage.SqliteStoreOptions { Folder = folder };
        await using (var store = await OrleansSegments.Storage.SqliteStore.OpenAsync(
            options, new StillTime(), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, CancellationToken.None))
        {
            await store.Customers.CommitAsync(StoreRun.Change("c:1", 1, null, 1));
            Assert.Throws<StoreException>(() => OrleansSegments.Storage.SqliteStore.Delete(folder));
            Assert.NotNull(await store.Customers.ReadAsync("c:1", CancellationToken.None));
        }

        OrleansSegments.Storage.SqliteStore.Delete(folder);
        Assert.False(Directory.Exists(folder));
    }
}
