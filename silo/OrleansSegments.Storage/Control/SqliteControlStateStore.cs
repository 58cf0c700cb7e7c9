using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Folder;
using OrleansSegments.Storage.Sqlite;

namespace OrleansSegments.Storage.Control;

/// <summary><c>control.db</c>: a file of its own, so that publishing a model never waits for a merge of customers. One connection, one user at a time.</summary>
internal sealed class SqliteControlStateStore : IControlStateStore, IDisposable
{
    private readonly DataFolder _folder;
    private readonly SqliteDatabase _database;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly SqliteStatement _read;
    private readonly SqliteStatement _readAll;
    private readonly SqliteStatement _insert;
    private readonly SqliteStatement _update;
    private readonly SqliteStatement _remove;

    private SqliteControlStateStore(DataFolder folder, SqliteDatabase database)
    {
        _folder = folder;
        _database = database;
        _read = database.Prepare("SELECT version, content FROM documents WHERE kind = ? AND key = ?");
        _readAll = database.Prepare("SELECT version, content, key FROM documents WHERE kind = ? ORDER BY key");
        _insert = database.Prepare("INSERT INTO documents VALUES(?1, ?2, 1, ?4) ON CONFLICT DO NOTHING");
        _update = database.Prepare("UPDATE documents SET version = version + 1, content = ?4 WHERE kind = ?1 AND key = ?2 AND version = ?3");
        _remove = database.Prepare("DELETE FROM documents WHERE kind = ? AND key = ? AND version = ?");
    }

    /// <exception cref="StoreException">The file cannot be used.</exception>
    public static SqliteControlStateStore Open(DataFolder folder) => new(
        folder,
        folder.OpenFile(
            DataFolder.ControlFile,
            ControlSchema.Migrations,
            "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL"));

    public ValueTask<ControlDocument?> ReadAsync(string kind, string key, CancellationToken cancellationToken) =>
        InTurnAsync(() => Read(kind, key), cancellationToken);

    public ValueTask<IReadOnlyList<ControlDocument>> ReadAllAsync(string kind, CancellationToken cancellationToken) =>
        InTurnAsync<IReadOnlyList<ControlDocument>>(() => ReadAll(kind), cancellationToken);

    public ValueTask<bool> TryWriteAsync(
        string kind, string key, long expectedVersion, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        InTurnAsync(
            () => Changed((expectedVersion == 0 ? _insert : _update.Bind(3, expectedVersion))
                .BindText(1, kind)
                .BindText(2, key)
                .BindBlob(4, content.Span)),
            cancellationToken);

    public ValueTask<bool> TryRemoveAsync(string kind, string key, long expectedVersion, CancellationToken cancellationToken) =>
        InTurnAsync(
            () => expectedVersion == 0
                ? Read(kind, key) is null
                : Changed(_remove.BindText(1, kind).BindText(2, key).Bind(3, expectedVersion)),
            cancellationToken);

    public void Dispose()
    {
        _turn.Wait();
        _database.Dispose();
        _turn.Release();
    }

    private ControlDocument? Read(string kind, string key)
    {
        _read.BindText(1, kind).BindText(2, key);
        return _read.Step() ? new ControlDocument(kind, key, _read.Int64(0), _read.Blob(1)) : null;
    }

    private List<ControlDocument> ReadAll(string kind)
    {
        var documents = new List<ControlDocument>();
        _readAll.BindText(1, kind);
        while (_readAll.Step())
        {
            documents.Add(new ControlDocument(kind, _readAll.Text(2), _readAll.Int64(0), _readAll.Blob(1)));
        }

        return documents;
    }

    private bool Changed(SqliteStatement statement)
    {
        statement.Run();
        return _database.Changes > 0;
    }

    private async ValueTask<T> InTurnAsync<T>(Func<T> use, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return use();
        }
        catch (SqliteFailure failure)
        {
            throw new StoreException(_folder.Explain(DataFolder.ControlFile, failure), failure);
        }
        finally
        {
            _database.RollbackIfOpen();
            _turn.Release();
        }
    }
}
