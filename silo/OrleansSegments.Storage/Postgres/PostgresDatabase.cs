using Npgsql;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Postgres;

/// <summary>
/// One database as a connection pool. Each session is set up so that no setting of server, role or database changes the meaning of a
/// statement.
/// </summary>
internal sealed class PostgresDatabase : IAsyncDisposable
{
    // Session settings: generic plans (independent of array sizes), no JIT compilation, and keepalives, so that a dead client's session
    // does not block readers of the log for hours.
    private const string SessionOptions =
        @"-c jit=off -c plan_cache_mode=force_generic_plan -c default_transaction_isolation=read\ committed -c work_mem=64MB"
        + " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3";

    private const int BufferBytes = 64 * 1024;
    private const int StatementsPreparedMax = 64;

    private readonly PostgresStoreOptions _options;
    private readonly NpgsqlDataSource _source;

    // Reserves the connections of the commit lanes against readers.
    private readonly SemaphoreSlim _freeForReaders;
    private volatile bool _isClosed;

    public PostgresDatabase(PostgresStoreOptions options)
    {
        _options = options;
        _freeForReaders = new SemaphoreSlim(options.ConnectionsMax - options.CommitLanes - PostgresStoreOptions.OwnConnections);
        var settings = new NpgsqlConnectionStringBuilder(options.ConnectionString)
        {
            SearchPath = options.Schema,
            MaxPoolSize = options.ConnectionsMax,
            MinPoolSize = 0,
            CommandTimeout = Seconds(options.CommandTimeout),
            Timeout = Seconds(options.ConnectTimeout),
            // A server that does not answer would not answer a cancel request either.
            CancellationTimeout = -1,
            MaxAutoPrepare = StatementsPreparedMax,
            AutoPrepareMinUsages = 2,
            // Sessions are never modified, so there is nothing to reset.
            NoResetOnClose = true,
            Enlist = false,
            Multiplexing = false,
            ReadBufferSize = BufferBytes,
            WriteBufferSize = BufferBytes,
        };
        settings.ApplicationName ??= "OrleansSegments";

        // A session that is idle inside a transaction belongs to a hanging process: the server ends it.
        var session = $"{SessionOptions} -c idle_in_transaction_session_timeout={options.CommandTimeout.TotalMilliseconds:0}";
        settings.Options = string.IsNullOrEmpty(settings.Options) ? session : $"{settings.Options} {session}";
        _source = NpgsqlDataSource.Create(settings);
        Where = $"{settings.Host}:{settings.Port}, database {settings.Database ?? settings.Username ?? "of this user"}, schema {options.Schema}";
    }

    public string Schema => _options.Schema;

    /// <summary>Host, port, database and schema, for messages; never the password.</summary>
    public string Where { get; }

    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) => _source.OpenConnectionAsync(cancellationToken);

    /// <summary>Runs a query as a reader; retried once when the connection was lost.</summary>
    /// <exception cref="StoreException">Thrown when the database cannot be read.</exception>
    public ValueTask<IReadOnlyList<T>> ListAsync<T>(string sql, Func<NpgsqlDataReader, T> item, object[] values, CancellationToken cancellationToken) =>
        ReadAsync(connection => connection.ListAsync(sql, item, values, cancellationToken: cancellationToken), cancellationToken);

    /// <summary>Reads through a connection; retried once when the connection was lost.</summary>
    /// <exception cref="StoreException">Thrown when the database cannot be read.</exception>
    public ValueTask<T> ReadAsync<T>(Func<NpgsqlConnection, Task<T>> read, CancellationToken cancellationToken) =>
        UseAsync(read, attempts: 2, _options.SilenceMax, cancellationToken);

    /// <summary>Reads with a time limit of its own, for long-running queries.</summary>
    /// <exception cref="StoreException">Thrown when the database cannot be read.</exception>
    public ValueTask<T> ReadAsync<T>(Func<NpgsqlConnection, Task<T>> read, TimeSpan limit, CancellationToken cancellationToken) =>
        UseAsync(read, attempts: 2, limit, cancellationToken);

    /// <summary>Writes through a connection, without a retry: when the connection breaks the outcome is unknown.</summary>
    /// <exception cref="StoreException">Thrown when the database cannot be written, or the write's outcome is unknown.</exception>
    public ValueTask<T> WriteAsync<T>(Func<NpgsqlConnection, Task<T>> write, CancellationToken cancellationToken) =>
        UseAsync(write, attempts: 1, _options.SilenceMax, cancellationToken);

    /// <summary>Uses a connection without waiting for one that is free for readers.</summary>
    /// <exception cref="TimeoutException">Thrown when the driver did not return within the time limit.</exception>
    public Task<T> RunAsync<T>(Func<NpgsqlConnection, Task<T>> use) => RunAsync(use, _options.SilenceMax, CancellationToken.None);

    private async Task<T> RunAsync<T>(Func<NpgsqlConnection, Task<T>> use, TimeSpan limit, CancellationToken cancellationToken)
    {
        var work = OpenAndUseAsync();
        try
        {
            return await work.WaitAsync(limit, cancellationToken);
        }
        catch when (!work.IsCompleted)
        {
            _ = work.ContinueWith(static late => late.Exception, TaskScheduler.Default);
            throw;
        }

        async Task<T> OpenAndUseAsync()
        {
            await using var connection = await OpenAsync(cancellationToken);
            return await use(connection);
        }
    }

    /// <summary>Opens a session for a reader with a transaction. It counts as a reader until it is disposed.</summary>
    /// <exception cref="StoreException">Thrown when the database cannot be reached.</exception>
    public async Task<ReaderSession> OpenSessionAsync(CancellationToken cancellationToken)
    {
        await _freeForReaders.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(PostgresStore));
            return new ReaderSession(await OpenAsync(cancellationToken), _freeForReaders);
        }
        catch (Exception failure)
        {
            _freeForReaders.Release();
            if (PostgresProblem.IsExpected(failure))
            {
                throw Failure(failure);
            }

            throw;
        }
    }

    /// <summary>
    /// Replaces all sessions, those in use after their current work: new ones see the server's present settings, or another server.
    /// </summary>
    public void RenewSessions() => _source.Clear();

    /// <summary>Describes a failure and its cure.</summary>
    public string Explain(Exception failure) => PostgresProblem.Explain(failure, Where, _options.CommandTimeout);

    public StoreException Failure(Exception failure) => new(Explain(failure), failure);

    /// <summary>Connections in use are closed after their current work.</summary>
    public ValueTask DisposeAsync()
    {
        _isClosed = true;
        return _source.DisposeAsync();
    }

    private async ValueTask<T> UseAsync<T>(Func<NpgsqlConnection, Task<T>> use, int attempts, TimeSpan limit, CancellationToken cancellationToken)
    {
        await _freeForReaders.WaitAsync(cancellationToken);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                ObjectDisposedException.ThrowIf(_isClosed, typeof(PostgresStore));
                try
                {
                    return await RunAsync(use, limit, cancellationToken);
                }
                catch (Exception failure) when (attempt < attempts && PostgresProblem.IsConnectionLost(failure))
                {
                    // The server closed an idle connection; retry.
                }
                catch (Exception failure) when (attempt == 1 && PostgresProblem.IsReadOnlySession(failure))
                {
                    // The session may be older than the moment at which the server took changes again. A refused statement wrote nothing; retry on a new session.
                    RenewSessions();
                }
                catch (Exception failure) when (PostgresProblem.IsExpected(failure))
                {
                    throw Failure(failure);
                }
            }
        }
        finally
        {
            _freeForReaders.Release();
        }
    }

    private static int Seconds(TimeSpan time) => (int)Math.Ceiling(time.TotalSeconds);
}

/// <summary>A session of its own for a reader with a transaction, which ends with it.</summary>
internal sealed class ReaderSession(NpgsqlConnection connection, SemaphoreSlim place) : IAsyncDisposable
{
    private int _isDisposed;

    public NpgsqlConnection Connection => connection;

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            try
            {
                await connection.RunAsync("ROLLBACK", []);
            }
            catch (Exception failure) when (PostgresProblem.IsExpected(failure))
            {
                // The session is broken, and its transaction with it.
            }

            await connection.DisposeAsync();
            place.Release();
        }
    }
}
