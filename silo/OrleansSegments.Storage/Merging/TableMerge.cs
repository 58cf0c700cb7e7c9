using OrleansSegments.Storage.Faults;
using OrleansSegments.Storage.Folder;
using OrleansSegments.Storage.Journal;
using OrleansSegments.Storage.Sqlite;
using OrleansSegments.Storage.Totals;
using OrleansSegments.Storage.Transitions;
using OrleansSegments.Storage.Unmerged;

namespace OrleansSegments.Storage.Merging;

/// <summary>
/// Writes one generation into <c>customers.db</c>, on the only connection that writes there: the rows in many small transactions, customers in
/// the order of ids, and with the last one how far the tables are. A merge that stops in between leaves rows that are newer than that says;
/// what is unmerged lies over them, and writing them again changes nothing. Each transaction is moved from the write-ahead log into the
/// file before the next, so that the log stays in the same few blocks and no sync of the journal waits behind much.
/// </summary>
internal sealed class TableMerge : IDisposable
{
    private const int RowsPerPart = 2_048;

    private readonly SqliteDatabase _database;
    private readonly JournalBodies _bodies;
    private readonly StoreMemory _memory;
    private readonly FaultPoint _fault;
    private readonly CustomerRowWriter _customers;
    private readonly SqliteStatement _insertTransition;
    private readonly SqliteStatement _insertTotal;
    private readonly SqliteStatement _setMeta;

    public TableMerge(SqliteDatabase database, JournalBodies bodies, StoreMemory memory, FaultPoint fault)
    {
        _database = database;
        _bodies = bodies;
        _memory = memory;
        _fault = fault;
        _customers = new CustomerRowWriter(database);
        _insertTransition = database.Prepare("INSERT OR REPLACE INTO transitions VALUES(?, ?, ?, ?, ?, ?, ?, ?)");
        _insertTotal = database.Prepare("INSERT INTO totals VALUES(?, ?)");
        _setMeta = database.Prepare("INSERT OR REPLACE INTO meta VALUES(?, ?)");
    }

    /// <summary>Opens the file and brings its schema up to date.</summary>
    public static SqliteDatabase OpenFile(DataFolder folder, long cacheBytes) => folder.OpenFile(
        DataFolder.CustomersFile,
        TableSchema.Migrations,
        $"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-{cacheBytes / 1024}; PRAGMA journal_size_limit=67108864");

    /// <param name="progress">Told now and then how many customers are written.</param>
    /// <param name="pause">Called between two transactions, with the same number.</param>
    /// <exception cref="SqliteFailure">The tables do not say that they have all of it.</exception>
    /// <exception cref="InvalidDataException">The journal is damaged.</exception>
    public void Merge(UnmergedGeneration? generation, string[] passedDeadlines, Action<int> progress, Action<int> pause, CancellationToken cancellationToken)
    {
        try
        {
            if (generation is not null)
            {
                var chains = new TransitionChains(generation, _memory);
                WriteCustomers(generation, chains, progress, pause, cancellationToken);
                WriteTransitions(chains, () => pause(generation.Count), cancellationToken);
            }

            WriteInParts(passedDeadlines.Length, row => _customers.IndexDeadline(passedDeadlines[row]), static () => { }, cancellationToken);

            // What says that all is there must be there for good before the journal goes.
            Begin("FULL");
            if (generation is not null)
            {
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

    /// <summary>Moves the write-ahead log into the file, as far as readers allow; the next transaction then starts the log afresh.</summary>
    public void Checkpoint() => _database.Execute("PRAGMA wal_checkpoint(PASSIVE)");

    public void Dispose() => _database.Dispose();

    private void Begin(string synchronous) => _database.Execute($"PRAGMA synchronous={synchronous}; BEGIN IMMEDIATE");

    private void WriteCustomers(UnmergedGeneration generation, TransitionChains chains, Action<int> progress, Action<int> pause, CancellationToken cancellationToken)
    {
        var places = generation.InOrder.All();
        using var rows = new MergeRows(generation, _bodies);
        _customers.NowMilliseconds = generation.Totals.LatestOccurredAtMilliseconds;
        for (int start = 0, end; start < places.Length; start = end)
        {
            end = Math.Min(start + RowsPerPart, places.Length);
            Begin("NORMAL");
            for (var next = start; next < end; next += MergeRows.RowsMax)
            {
                if (next == start + (RowsPerPart / 2))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    progress(next);
                    _fault(StoreStep.MergeRowsWritten);
                }

                WriteRows(rows, chains, places.AsSpan(next, Math.Min(MergeRows.RowsMax, end - next)));
            }

            EndPart(() => pause(end));
        }
    }

    private void EndPart(Action pause)
    {
        _database.Execute("COMMIT");
        _fault(StoreStep.MergePartWritten);
        Checkpoint();
        pause();
    }

    private void WriteInParts(int rows, Action<int> write, Action pause, CancellationToken cancellationToken)
    {
        for (int start = 0, end; start < rows; start = end)
        {
            cancellationToken.ThrowIfCancellationRequested();
            end = Math.Min(start + RowsPerPart, rows);
            Begin("NORMAL");
            for (var row = start; row < end; row++)
            {
                write(row);
            }

            EndPart(pause);
        }
    }

    private void WriteRows(MergeRows rows, TransitionChains chains, ReadOnlySpan<int> places)
    {
        rows.Fetch(places);
        for (var row = 0; row < places.Length; row++)
        {
            if (chains.LastSequenceOf(places[row]) is { } last)
            {
                chains.Follow(places[row], _customers.WriteMoved(rows.IdAt(row), in rows.CustomerAt(row), rows.BodyAt(row), last, chains.FirstSequence));
            }
            else
            {
                _customers.Write(rows.IdAt(row), in rows.CustomerAt(row), rows.BodyAt(row));
            }
        }
    }

    // In the order of their numbers, so that what is there already is the beginning of what is to be there; after the customers, who say what was before.
    private void WriteTransitions(TransitionChains chains, Action pause, CancellationToken cancellationToken) =>
        WriteInParts(chains.Count, index => WriteTransition(chains[index], chains.PreviousOf(index)), pause, cancellationToken);

    private void WriteTransition(Transition transition, long? previousSequence) => _insertTransition
        .Bind(1, transition.Sequence)
        .BindText(2, transition.CustomerId)
        .Bind(3, transition.FromSegmentId)
        .Bind(4, (long)transition.ToSegmentId)
        .Bind(5, (long)transition.Cause)
        .Bind(6, (long)transition.ModelVersion)
        .Bind(7, transition.OccurredAtMilliseconds)
        .Bind(8, previousSequence)
        .Run();

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
