using Npgsql;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Postgres.Connections;

/// <summary>Connections that read and write documents, at most so many at once, so that readers never take those that commits need.</summary>
internal sealed class ReadPool(PostgresDatabase database, int connectionsMax) : IDisposable
{
    private readonly SemaphoreSlim _free = new(connectionsMax);
    private bool _isClosed;

    /// <summary>Reads through a connection; once more when the connection turns out to be gone.</summary>
    /// <exception cref="StoreException">The database cannot be read.</exception>
    public ValueTask<T> ReadAsync<TState, T>(
        Func<NpgsqlConnection, TState, CancellationToken, Task<T>> read, TState state, CancellationToken cancellationToken) =>
        UseAsync(read, state, attempts: 2, cancellationToken);

    /// <summary>Writes through a connection, once: when the connection breaks nobody knows whether it was written.</summary>
    /// <exception cref="StoreException">The database cannot be written, or may have been and did not answer.</exception>
    public ValueTask<T> WriteAsync<TState, T>(
        Func<NpgsqlConnection, TState, CancellationToken, Task<T>> write, TState state, CancellationToken cancellationToken) =>
        UseAsync(write, state, attempts: 1, cancellationToken);

    /// <summary>Waits for the readers.</summary>
    public void Dispose()
    {
        _isClosed = true;
        for (var taken = 0; taken < connectionsMax; taken++)
        {
            _free.Wait();
        }

        _free.Release(connectionsMax);
    }

    private async ValueTask<T> UseAsync<TState, T>(
        Func<NpgsqlConnection, TState, CancellationToken, Task<T>> use, TState state, int attempts, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                ObjectDisposedException.ThrowIf(_isClosed, typeof(PostgresStore));
                try
                {
                    await using var connection = await database.OpenAsync(cancellationToken);
                    return await use(connection, state, cancellationToken);
                }
                catch (Exception failure) when (attempt < attempts && PostgresProblem.IsConnectionLost(failure))
                {
                    // An idle connection that the server closed meanwhile.
                }
                catch (Exception failure) when (PostgresProblem.IsExpected(failure))
                {
                    if (PostgresProblem.IsReadOnlySession(failure))
                    {
                        database.RenewSessions();
                    }

                    throw database.Failure(failure);
                }
            }
        }
        finally
        {
            _free.Release();
        }
    }
}
