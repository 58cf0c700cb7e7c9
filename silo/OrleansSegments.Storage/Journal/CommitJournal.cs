using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Faults;
using OrleansSegments.Storage.Folder;
using OrleansSegments.Storage.Sqlite;

namespace OrleansSegments.Storage.Journal;

/// <summary>
/// <c>journal.db</c>: one row per commit, appended and fsynced before anyone is told. Owned by the commit thread. Rows that the tables
/// hold are deleted a few at a time inside later commits, whose pages the new rows then use again, so the file stays near its
/// high-water mark and no commit waits for a large deletion.
/// </summary>
internal sealed class CommitJournal : IDisposable
{
    private const int TrimmedPerCommit = 4;

    private readonly SqliteDatabase _database;
    private readonly FaultPoint _fault;
    private readonly PayloadWriter _payload = new();
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _insert;
    private readonly SqliteStatement _delete;
    private long _oldest;

    public CommitJournal(SqliteDatabase database, FaultPoint fault)
    {
        _database = database;
        _fault = fault;
        _begin = database.Prepare("BEGIN IMMEDIATE");
        _commit = database.Prepare("COMMIT");
        _insert = database.Prepare("INSERT INTO commits(number, payload) VALUES(?, ?)");
        _delete = database.Prepare("DELETE FROM commits WHERE number < ?");
        LastNumber = database.QueryNumber("SELECT max(number) FROM commits") ?? 0;
        _oldest = database.QueryNumber("SELECT min(number) FROM commits") ?? LastNumber + 1;
    }

    public long LastNumber { get; private set; }

    /// <summary>Commits up to this number are in the tables; their rows may go.</summary>
    public long MergedThrough { get; set; }

    /// <summary>The commits that the tables do not hold, oldest first.</summary>
    /// <exception cref="InvalidDataException">A row is damaged.</exception>
    public IEnumerable<CommittedChanges> ReadUnmerged(long mergedThrough)
    {
        using var statement = _database.PrepareOnce("SELECT number, payload FROM commits WHERE number > ? ORDER BY number");
        statement.Bind(1, mergedThrough);
        while (statement.Step())
        {
            yield return CommitCodec.Read(statement.Int64(0), statement.BlobSpan(1));
        }
    }

    /// <summary>Numbers go on after those that the tables hold, also when the journal was emptied.</summary>
    public void ContinueAfter(long number)
    {
        LastNumber = Math.Max(LastNumber, number);
        MergedThrough = number;
    }

    /// <summary>Makes a commit durable and returns its number; on failure nothing of it is in the file.</summary>
    /// <exception cref="SqliteFailure">The disk is full or failed.</exception>
    public long Append(CommitDraft draft, Totals.SegmentTotals totalsAfter)
    {
        CommitCodec.Write(_payload, draft.Entries, draft.Transitions, totalsAfter);
        var number = LastNumber + 1;
        var trimTo = Math.Min(MergedThrough + 1, _oldest + TrimmedPerCommit);
        try
        {
            _begin.Run();
            _insert.Bind(1, number).BindBlob(2, _payload.Written).Run();
            _fault(StoreStep.CommitWritten);
            if (trimTo > _oldest)
            {
                _delete.Bind(1, trimTo).Run();
                _fault(StoreStep.JournalTrimmed);
            }

            _commit.Run();
        }
        catch
        {
            _database.RollbackIfOpen();
            throw;
        }

        LastNumber = number;
        _oldest = Math.Max(_oldest, trimTo);
        return number;
    }

    /// <summary>Deletes every merged row and gives the space back; for closing.</summary>
    public void TrimAll()
    {
        if (MergedThrough < _oldest)
        {
            return;
        }

        _delete.Bind(1, MergedThrough + 1).Run();
        _oldest = MergedThrough + 1;
        _database.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
    }

    public void Dispose() => _database.Dispose();

    /// <summary>Opens the file and brings its schema up to date.</summary>
    public static SqliteDatabase OpenFile(DataFolder folder) => folder.OpenFile(
        DataFolder.JournalFile,
        JournalSchema.Migrations,
        "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000; PRAGMA cache_size=-16384; PRAGMA journal_size_limit=134217728");
}
