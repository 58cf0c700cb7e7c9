using System.Collections.Concurrent;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Folder;
using OrleansSegments.Storage.Sqlite;

namespace OrleansSegments.Storage.Reads;

/// <summary>Reading connections, opened as they are needed, at most so many; further readers wait their turn. SQLite is called inline.</summary>
internal sealed class ReadPool(StoreContext context) : IDisposable
{
    private readonly SemaphoreSlim _free = new(context.Options.ReadConnectionsMax);
    private readonly ConcurrentStack<ReadConnection> _idle = new();
    private bool _isClosed;

    /// <exception cref="StoreException">The file cannot be read.</exception>
    public async ValueTask<T> ReadAsync<TState, T>(Func<ReadConnection, TState, T> read, TState state, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(SqliteStore));
            return Read(read, state);
        }
        catch (SqliteFailure failure)
        {
            throw new StoreException(context.Folder.Explain(DataFolder.CustomersFile, failure), failure);
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>Waits for the readers and closes their connections.</summary>
    public void Dispose()
    {
        for (var taken = 0; taken < context.Options.ReadConnectionsMax; taken++)
        {
            _free.Wait();
        }

        _isClosed = true;
        while (_idle.TryPop(out var connection))
        {
            connection.Dispose();
        }

        _free.Release(context.Options.ReadConnectionsMax);
    }

    private T Read<TState, T>(Func<ReadConnection, TState, T> read, TState state)
    {
        if (!_idle.TryPop(out var connection))
        {
            connection = new ReadConnection(context.Folder.FileOf(DataFolder.CustomersFile), context.Options.ReadCacheBytes);
        }

        try
        {
            return read(connection, state);
        }
        finally
        {
            connection.Reset();
            _idle.Push(connection);
        }
    }
}
