using System.Text;
using SQLitePCL;

namespace OrleansSegments.Storage.Sqlite;

/// <summary>A prepared statement. Parameters count from 1 and columns from 0, as in SQLite.</summary>
internal sealed class SqliteStatement(SqliteDatabase database, sqlite3_stmt handle) : IDisposable
{
    public SqliteStatement Bind(int index, long value)
    {
        database.Check(raw.sqlite3_bind_int64(handle, index, value));
        return this;
    }

    public SqliteStatement Bind(int index, long? value)
    {
        database.Check(value is { } number ? raw.sqlite3_bind_int64(handle, index, number) : raw.sqlite3_bind_null(handle, index));
        return this;
    }

    public SqliteStatement BindText(int index, ReadOnlySpan<byte> utf8)
    {
        database.Check(raw.sqlite3_bind_text(handle, index, utf8));
        return this;
    }

    public SqliteStatement BindText(int index, string text)
    {
        Span<byte> utf8 = stackalloc byte[Math.Min(1024, Encoding.UTF8.GetMaxByteCount(text.Length))];
        return text.Length <= 255
            ? BindText(index, utf8[..Encoding.UTF8.GetBytes(text, utf8)])
            : BindText(index, Encoding.UTF8.GetBytes(text));
    }

    public SqliteStatement BindBlob(int index, ReadOnlySpan<byte> bytes)
    {
        database.Check(raw.sqlite3_bind_blob(handle, index, bytes));
        return this;
    }

    /// <summary>Moves to the next row; false at the end, where the statement is ready for its next use.</summary>
    public bool Step()
    {
        var result = raw.sqlite3_step(handle);
        if (result == raw.SQLITE_ROW)
        {
            return true;
        }

        raw.sqlite3_reset(handle);
        database.Check(result);
        return false;
    }

    /// <summary>Runs a statement that returns no row.</summary>
    public void Run()
    {
        while (Step())
        {
        }
    }

    public void Reset() => raw.sqlite3_reset(handle);

    public bool IsNull(int column) => raw.sqlite3_column_type(handle, column) == raw.SQLITE_NULL;

    public long Int64(int column) => raw.sqlite3_column_int64(handle, column);

    public int Int32(int column) => raw.sqlite3_column_int(handle, column);

    public long? Int64OrNull(int column) => IsNull(column) ? null : Int64(column);

    // column_blob returns a text's bytes as they are, so an id with a NUL inside comes back whole.
    public string Text(int column) => Encoding.UTF8.GetString(raw.sqlite3_column_blob(handle, column));

    public byte[] Blob(int column) => raw.sqlite3_column_blob(handle, column).ToArray();

    public ReadOnlySpan<byte> BlobSpan(int column) => raw.sqlite3_column_blob(handle, column);

    public void Dispose() => handle.Dispose();
}
