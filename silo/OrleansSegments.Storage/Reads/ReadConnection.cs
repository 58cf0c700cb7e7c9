using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Sqlite;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Storage.Reads;

/// <summary>One connection to <c>customers.db</c> that only reads, with its statements. It knows the tables and nothing of what is unmerged.</summary>
internal sealed class ReadConnection : IDisposable
{
    private const string RecordColumns = "version, segment, model, since, settled_segment, settled_hour, state";
    private const string TransitionColumns = "sequence, customer, from_segment, to_segment, cause, model, occurred";

    private readonly SqliteDatabase _database;

    public ReadConnection(string path, long cacheBytes)
    {
        _database = SqliteDatabase.Open(path);
        _database.Execute($"PRAGMA query_only=1; PRAGMA cache_size=-{cacheBytes / 1024}; PRAGMA temp_store=MEMORY");
        Customer = _database.Prepare($"SELECT {RecordColumns} FROM customers WHERE id = ?");
        Scan = _database.Prepare($"SELECT {RecordColumns}, id FROM customers WHERE id > ? ORDER BY id");
        Members = _database.Prepare("SELECT id FROM customers WHERE segment = ? AND id > ? ORDER BY id");
        Due = _database.Prepare("SELECT due_indexed, due, version, id FROM customers WHERE due_indexed <= ? ORDER BY due_indexed");
        NextIndexedDue = _database.Prepare("SELECT min(due_indexed) FROM customers WHERE due_indexed > ?");
        Transitions = _database.Prepare($"SELECT {TransitionColumns} FROM transitions WHERE sequence > ? ORDER BY sequence LIMIT ?");
        Moved = _database.Prepare("SELECT moved, moved_before FROM customers WHERE id = ?");
        Transition = _database.Prepare($"SELECT {TransitionColumns}, previous FROM transitions WHERE sequence = ?");
        Sizes = _database.Prepare("SELECT segment, count(*) FROM customers GROUP BY segment");
    }

    public SqliteStatement Customer { get; }

    public SqliteStatement Scan { get; }

    public SqliteStatement Members { get; }

    public SqliteStatement Due { get; }

    public SqliteStatement NextIndexedDue { get; }

    public SqliteStatement Transitions { get; }

    /// <summary>The newest transition of a customer that the tables know, and the newest before the last merge.</summary>
    public SqliteStatement Moved { get; }

    /// <summary>One transition, and the sequence of the same customer's one before.</summary>
    public SqliteStatement Transition { get; }

    public SqliteStatement Sizes { get; }

    public static CustomerRecord Record(SqliteStatement row) => new(
        row.Int64(0), row.Int32(1), row.Int32(2), row.Int64(3), row.Int32(4), row.Int32(5), row.Blob(6));

    public static Transition TransitionOf(SqliteStatement row) => new(
        row.Int64(0),
        row.Text(1),
        row.IsNull(2) ? null : row.Int32(2),
        row.Int32(3),
        (TransitionCause)row.Int32(4),
        row.Int32(5),
        row.Int64(6));

    /// <summary>Ends whatever was begun, so that no reader holds an old state of the file.</summary>
    public void Reset() => _database.RollbackIfOpen();

    public void Dispose() => _database.Dispose();
}
