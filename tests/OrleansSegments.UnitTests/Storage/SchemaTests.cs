using Microsoft.Extensions.Logging.Abstractions;
using OrleansSegments.Storage.Folder;
using OrleansSegments.Storage.Journal;
using OrleansSegments.Storage.Merging;
using OrleansSegments.Storage.Sqlite;
using Xunit;

namespace OrleansSegments.UnitTests.Storage;

public sealed class SchemaTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Two customers with two transitions each are merged; a merge that was killed had begun to write a third of c:1, sequence 5.
    private const string BeforeChains =
        """
        INSERT INTO customers VALUES('c:1', 2, 7, 3, 0, -1, 0, NULL, NULL, x'00'), ('c:2', 2, 6, 3, 0, -1, 0, NULL, NULL, x'00');
        INSERT INTO transitions VALUES
            (1, 'c:1', NULL, 5, 1, 3, 0), (2, 'c:2', NULL, 5, 1, 3, 0), (3, 'c:2', 5, 6, 1, 3, 0), (4, 'c:1', 5, 7, 1, 3, 0), (5, 'c:1', 7, 8, 1, 3, 0);
        INSERT INTO history SELECT customer, sequence FROM transitions;
        INSERT INTO totals VALUES(6, 1), (7, 1);
        INSERT INTO meta VALUES('sequence', 4);
        """;

    [Fact]
    public async Task A_table_of_histories_becomes_chains_without_what_is_not_merged()
    {
        var folder = _folder.Path;
        Directory.CreateDirectory(folder);
        using (var database = SqliteDatabase.Open(Path.Combine(folder, DataFolder.CustomersFile)))
        {
            database.Execute("PRAGMA journal_mode=WAL");
            SchemaMigration.Apply(database, [TableSchema.Migrations[0]], NullLogger.Instance);
            database.Execute(BeforeChains);
            SchemaMigration.Apply(database, TableSchema.Migrations, NullLogger.Instance);
            Assert.Equal(1, database.QueryNumber("SELECT previous FROM transitions WHERE sequence = 4"));
            Assert.Equal(2, database.QueryNumber("SELECT previous FROM transitions WHERE sequence = 3"));
            Assert.Null(database.QueryNumber("SELECT previous FROM transitions WHERE sequence = 1"));
            Assert.Null(database.QueryNumber("SELECT sequence FROM transitions WHERE sequence = 5"));
            Assert.Equal(4, database.QueryNumber("SELECT moved FROM customers WHERE id = 'c:1'"));
        }

        using (var data = DataFolder.Open(folder))
        {
            JournalOpening.Begin(data);
        }

        await using var run = await StoreRun.OpenAsync(_folder);
        var history = await run.Customers.ReadHistoryAsync("c:1", 10, CancellationToken.None);
        Assert.Equal([4L, 1L], history.Select(transition => transition.Sequence));
        await run.CommitAsync("c:1", 3, 7, 8);
        await run.MergeAsync();
        history = await run.Customers.ReadHistoryAsync("c:1", 10, CancellationToken.None);
        Assert.Equal([5L, 4L, 1L], history.Select(transition => transition.Sequence));
        await run.VerifyAsync();
    }

    [Fact]
    public async Task A_change_of_who_has_no_row_is_not_merged_without_a_word()
    {
        await using var run = await StoreRun.OpenAsync(_folder);
        await run.CommitAsync("c:1", 1, null, 5);
        await run.MergeAsync();
        using (var database = SqliteDatabase.Open(Path.Combine(_folder.Path, DataFolder.CustomersFile)))
        {
            database.Execute("DELETE FROM customers");
        }

        await run.CommitAsync("c:1", 2, 5, 5);
        Assert.False(await run.Store.MergeAsync());
        Assert.Contains("no row of c:1", run.Customers.Health.Problem, StringComparison.Ordinal);
    }
}
