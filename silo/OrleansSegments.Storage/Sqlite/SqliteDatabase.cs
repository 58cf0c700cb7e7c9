using SQLitePCL;

namespace OrleansSegments.Storage.Sqlite;

/// <summary>
/// One connection to one SQLite file, used by one thread at a time. It stands on the C interface and not on ADO.NET: ids and states
/// are bound as spans, without a parameter object per value, which is half the cost of a small row.
/// </summary>
internal sealed class SqliteDatabase : IDisposable
{
    private readonly sqlite3 _handle;
    private readonly List<SqliteStatement> _statements = [];

    static SqliteDatabase()
    {
        Batteries_V2.Init();

        // Statistics of memory that nobody reads cost a lock at every allocation. Refused where somebody else uses the library already: then they stay.
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MEMSTATUS, 0);
    }

    private SqliteDatabase(sqlite3 handle, string path)
    {
        _handle = handle;
        Path = path;
    }

    public string Path { get; }

    public static SqliteDatabase Open(string path, bool readOnly = false)
    {
        // NOMUTEX: one thread at a time is our promise, so SQLite's own mutexes would only cost.
        var flags = raw.SQLITE_OPEN_NOMUTEX | (readOnly ? raw.SQLITE_OPEN_READONLY : raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE);
        var result = raw.sqlite3_open_v2(path, out var handle, flags, null);
        if (result != raw.SQLITE_OK)
        {
            var message = handle is null ? "cannot be opened" : raw.sqlite3_errmsg(handle).utf8_to_string();
            handle?.Dispose();
            throw new SqliteFailure(result, message, path);
        }

        raw.sqlite3_extended_result_codes(handle, 1);
        raw.sqlite3_busy_timeout(handle, 10_000);
        return new SqliteDatabase(handle, path);
    }

    /// <summary>Prepares a statement that lives as long as the connection.</summary>
    public SqliteStatement Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v3(_handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out var handle));
        var statement = new SqliteStatement(this, handle);
        _statements.Add(statement);
        return statement;
    }

    /// <summary>Prepares a statement that the caller disposes of.</summary>
    public SqliteStatement PrepareOnce(string sql)
    {
        Check(raw.sqlite3_prepare_v2(_handle, sql, out var handle));
        return new SqliteStatement(this, handle);
    }

    public void Execute(string sql) => Check(raw.sqlite3_exec(_handle, sql));

    public long? QueryNumber(string sql)
    {
        using var statement = PrepareOnce(sql);
        return statement.Step() && !statement.IsNull(0) ? statement.Int64(0) : null;
    }

    /// <summary>Ends a transaction that failed, if SQLite has not ended it by itself.</summary>
    public void RollbackIfOpen()
    {
        foreach (var statement in _statements)
        {
            statement.Reset();
        }

        if (raw.sqlite3_get_autocommit(_handle) == 0)
        {
            raw.sqlite3_exec(_handle, "ROLLBACK");
        }
    }

    public int Changes => raw.sqlite3_changes(_handle);

    public void Dispose()
    {
        foreach (var statement in _statements)
        {
            statement.Dispose();
        }

        _statements.Clear();
        _handle.Dispose();
    }

    internal void Check(int result)
    {
        if (result is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            throw new SqliteFailure(result, raw.sqlite3_errmsg(_handle).utf8_to_string(), Path);
        }
    }
}
