using Npgsql;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Postgres;

/// <summary>One database as one pool of connections, each set up so that no setting of server, role or database changes what a statement means.</summary>
internal sealed class PostgresDatabase : IAsyncDisposable
{
    // Read by the server at connection: plans that do not look at the arrays, no compiling of them, no zombie that holds back readers for hours.
    private const string SessionOptions =
        @"-c jit=off -c plan_cache_mode=force_generic_plan -c default_transaction_isolation=read\ committed -c work_mem=64MB"
        + " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3";

    private const int BufferBytes = 64 * 1024;
    private const int StatementsPreparedMax = 64;

    private readonly PostgresStoreOptions _options;
    private readonly NpgsqlDataSource _source;

    // Readers never take the connections that commits need.
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
            // A server that does not answer would not answer a request to cancel either.
            CancellationTimeout = -1,
            MaxAutoPrepare = StatementsPreparedMax,
            AutoPrepareMinUsages = 2,
            // Nobody changes anything of a session that others use too, so there is nothing to reset.
            NoResetOnClose = true,
            Enlist = false,
            Multiplexing = false,
            ReadBufferSize = BufferBytes,
            WriteBufferSize = BufferBytes,
        };
        settings.ApplicationName ??= "OrleansSegments";

        // A session that is silent inside a transaction belongs to a process that hangs: the server ends it.
        var session = $"{SessionOptions} -c idle_in_transaction_session_timeout={options.CommandTimeout.TotalMilliseconds:0}";
        settings.Options = string.IsNullOrEmpty(settings.Options) ? session : $"{settings.Options} {session}";
        _source = NpgsqlDataSource.Create(settings);
        Where = $"{settings.Host}:{settings.Port}, database {settings.Database ?? settings.Username ?? "of this user"}, schema {options.Schema}";
    }

    public string Schema => _options.Schema;

    /// <summary>Host, port, database and schema, for messages; never the password.</summary>
    public string Where { get; }

    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) => _source.OpenConnectionAsync(cancellationToken);

    /// <summary>Lists the rows of a query as a reader; once more when the connection turns out to be gone.</summary>
    /// <exception cref="StoreException">The database cannot be read.</exception>
    public ValueTask<IReadOnlyList<T>> ListAsync<T>(string sql, Func<NpgsqlDataReader, T> item, object[] values, CancellationToken cancellationToken) =>
        ReadAsync(connection => connection.ListAsync(sql, item, values, cancellationToken: cancellationToken), cancellationToken);

    /// <summary>Reads through a connection; once more when the connection turns out to be gone.</summary>
    /// <exception cref="StoreException">The database cannot be read.</exception>
    public ValueTask<T> ReadAsync<T>(Func<NpgsqlConnection, Task<T>> read, CancellationToken cancellationToken) =>
        UseAsync(read, attempts: 2, _options.SilenceMax, cancellationToken);

    /// <summary>Reads what may take longer than anything else.</summary>
    /// <exception cref="StoreException">The database cannot be read.</exception>
    public ValueTask<T> ReadAsync<T>(Func<NpgsqlConnection, Task<T>> read, TimeSpan limit, CancellationToken cancellationToken) =>
        UseAsync(read, attempts: 2, limit, cancellationToken);

    /// <summary>Writes through a connection, once: when the connection breaks nobody knows whether it was written.</summary>
    /// <exception cref="StoreException">The database cannot be written, or may have been and did not answer.</exception>
    public ValueTask<T> WriteAsync<T>(Func<NpgsqlConnection, Task<T>> write, CancellationToken cancellationToken) =>
        UseAsync(write, attempts: 1, _options.SilenceMax, cancellationToken);

    /// <summary>Uses a connection without asking whether there is one left for readers.</summary>
    /// <exception cref="TimeoutException">The driver itself did not come back within the time.</exception>
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

    /// <summary>Has every session end, those in use when they are no longer: the next ones find the server's present settings, or another server.</summary>
    public void RenewSessions() => _source.Clear();

    /// <summary>What failed and what to do about it.</summary>
    public string Explain(Exception failure) => PostgresProblem.Explain(failure, Where, _options.CommandTimeout);

    public StoreException Failure(Exception failure) => new(Explain(failure), failure);

    /// <summary>Connections in use are closed when they are no longer.</summary>
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
                    // An idle connection that the server closed meanwhile.
                }
                catch (Exception failure) when (PostgresProblem.IsExpected(failure))
                {
                    if (PostgresProblem.IsReadOnlySession(failure))
                    {
                        RenewSessions();
                    }

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
