using Npgsql;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Postgres.Connections;

/// <summary>One database as one pool of connections, each set up so that no setting of server, role or database changes what a statement means.</summary>
internal sealed class PostgresDatabase : IDisposable
{
    // Read by the server at connection: plans that do not look at the arrays, no compiling of them, no zombie that holds back readers for hours.
    private const string SessionOptions =
        @"-c jit=off -c plan_cache_mode=force_generic_plan -c default_transaction_isolation=read\ committed -c work_mem=64MB"
        + " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3";

    private const int BufferBytes = 64 * 1024;
    private const int StatementsPreparedMax = 64;

    private readonly NpgsqlDataSource _source;

    public PostgresDatabase(PostgresStoreOptions options)
    {
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
            // Readers change nothing of their session, so there is nothing to reset.
            NoResetOnClose = true,
            Enlist = false,
            Multiplexing = false,
            ReadBufferSize = BufferBytes,
            WriteBufferSize = BufferBytes,
        };
        settings.ApplicationName ??= "OrleansSegments";
        settings.Options = string.IsNullOrEmpty(settings.Options) ? SessionOptions : $"{settings.Options} {SessionOptions}";
        _source = NpgsqlDataSource.Create(settings);
        Schema = options.Schema;
        Where = $"{settings.Host}:{settings.Port}, database {settings.Database ?? settings.Username ?? "of this user"}, schema {options.Schema}";
        Timeouts = (options.ConnectTimeout, options.CommandTimeout);
    }

    public string Schema { get; }

    /// <summary>Host, port, database and schema, for messages; never the password.</summary>
    public string Where { get; }

    private (TimeSpan Connect, TimeSpan Command) Timeouts { get; }

    /// <summary>
    /// Opens a connection within the time for connecting. The driver's own way for threads that wait rounds what is left of that time down to
    /// whole milliseconds and takes 0 for no limit: against a server that hangs it has waited for ever. Its other way has no such hole.
    /// </summary>
    public NpgsqlConnection Open() => _source.OpenConnectionAsync().AsTask().GetAwaiter().GetResult();

    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) => _source.OpenConnectionAsync(cancellationToken);

    /// <summary>Has every session end, those in use when they are no longer: the next ones find the server's present settings, or another server.</summary>
    public void RenewSessions() => _source.Clear();

    /// <summary>What failed and what to do about it.</summary>
    public string Explain(Exception failure) => PostgresProblem.Explain(failure, Where, Timeouts.Command);

    public StoreException Failure(Exception failure) => new(Explain(failure), failure);

    public void Dispose() => _source.Dispose();

    private static int Seconds(TimeSpan time) => (int)Math.Ceiling(time.TotalSeconds);
}
