using OrleansSegments.Storage.Faults;
using OrleansSegments.Storage.Folder;
using OrleansSegments.Storage.Sqlite;
using OrleansSegments.Storage.Totals;
using OrleansSegments.Storage.Transitions;
using OrleansSegments.Storage.Unmerged;

namespace OrleansSegments.Storage.Merging;

/// <summary>Writes one generation into <c>customers.db</c> in one transaction, on the only connection that writes there.</summary>
internal sealed class TableMerge : IDisposable
{
    private const int RowsPerStep = 2_048;

    private readonly SqliteDatabase _database;
    private readonly FaultPoint _fault;
    private readonly CustomerRowWriter _customers;
    private readonly SqliteStatement _insertTransition;
    private readonly SqliteStatement _insertHistory;
    private readonly SqliteStatement _insertTotal;
    private readonly SqliteStatement _setMeta;

    public TableMerge(SqliteDatabase database, FaultPoint fault)
    {
        _database = database;
        _fault = fault;
        _customers = new CustomerRowWriter(database);
        _insertTransition = database.Prepare("INSERT OR REPLACE INTO transitions VALUES(?, ?, ?, ?, ?, ?, ?)");
        _insertHistory = database.Prepare("INSERT OR REPLACE INTO history VALUES(?, ?)");
        _insertTotal = database.Prepare("INSERT INTO totals VALUES(?, ?)");
        _setMeta = database.Prepare("INSERT OR REPLACE INTO meta VALUES(?, ?)");
    }

    /// <summary>Opens the file and brings its schema up to date.</summary>
    public static SqliteDatabase OpenFile(DataFolder folder, long cacheBytes) => folder.OpenFile(
        DataFolder.CustomersFile,
        TableSchema.Migrations,
        $"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-{cacheBytes / 1024}; PRAGMA journal_size_limit=67108864");

    /// <param name="progress">Told now and then how many customers are written.</param>
    /// <exception cref="SqliteFailure">Nothing of it is in the file.</exception>
    public void Merge(UnmergedGeneration? generation, string[] passedDeadlines, Action<int> progress, CancellationToken cancellationToken)
    {
        var customers = generation?.ToArray() ?? [];
        IdSort.Sort(customers.AsSpan(), static customer => customer.Key);
        try
        {
            _database.Execute("BEGIN IMMEDIATE");
            WriteCustomers(customers, progress, cancellationToken);
            foreach (var customerId in passedDeadlines)
            {
                _customers.IndexDeadline(customerId);
            }

            if (generation is not null)
            {
                WriteTransitions(generation.Transitions);
                WriteTotals(generation.Totals);
                Set(TableMeta.MergedThrough, generation.LastCommitNumber);
            }

            _fault(StoreStep.MergeWritten);
            _database.Execute("COMMIT");
        }
        catch
        {
            _database.RollbackIfOpen();
            throw;
        }
    }

    /// <summary>Moves the write-ahead log into the file, as far as readers allow; the next merge then starts the log afresh.</summary>
    public void Checkpoint() => _database.Execute("PRAGMA wal_checkpoint(PASSIVE)");

    public void Dispose() => _database.Dispose();

    private void WriteCustomers(KeyValuePair<string, UnmergedCustomer>[] customers, Action<int> progress, CancellationToken cancellationToken)
    {
        for (var index = 0; index < customers.Length; index++)
        {
            if (index % RowsPerStep == RowsPerStep / 2)
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress(index);
                _fault(StoreStep.MergeRowsWritten);
            }

            _customers.Write(customers[index].Key, customers[index].Value);
        }
    }

    private void WriteTransitions(ReadOnlySpan<Transition> transitions)
    {
        foreach (var transition in transitions)
        {
            _insertTransition
                .Bind(1, transition.Sequence)
                .BindText(2, transition.CustomerId)
                .Bind(3, transition.FromSegmentId)
                .Bind(4, (long)transition.ToSegmentId)
                .Bind(5, (long)transition.Cause)
                .Bind(6, (long)transition.ModelVersion)
                .Bind(7, transition.OccurredAtMilliseconds)
                .Run();
        }

        var sorted = transitions.ToArray();
        IdSort.Sort(sorted.AsSpan(), static transition => transition.CustomerId);
        foreach (var transition in sorted)
        {
            _insertHistory.BindText(1, transition.CustomerId).Bind(2, transition.Sequence).Run();
        }
    }

    private void WriteTotals(SegmentTotals totals)
    {
        _database.Execute("DELETE FROM totals");
        foreach (var (segmentId, size) in totals.SizeBySegmentId)
        {
            _insertTotal.Bind(1, (long)segmentId).Bind(2, size).Run();
        }

        Set(TableMeta.Sequence, totals.Sequence);
        Set(TableMeta.LatestOccurred, totals.LatestOccurredAtMilliseconds);
    }

    private void Set(string name, long value) => _setMeta.BindText(1, name).Bind(2, value).Run();
}
