using SQLitePCL;

namespace OrleansSegments.Storage.Sqlite;

/// <summary>SQLite refused or failed an operation; never leaves this project.</summary>
internal sealed class SqliteFailure(int code, string message, string path)
    : Exception($"{path}: {message} (SQLite {code})")
{
    public int Code { get; } = code;

    public bool IsFull => (Code & 0xff) == raw.SQLITE_FULL;

    public bool IsBusy => (Code & 0xff) is raw.SQLITE_BUSY or raw.SQLITE_LOCKED;

    public bool IsDamage => (Code & 0xff) is raw.SQLITE_NOTADB or raw.SQLITE_CORRUPT;
}
