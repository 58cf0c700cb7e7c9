using Npgsql;
using OrleansSegments.Storage.Postgres.Connections;

namespace OrleansSegments.Storage.Postgres.Commits;

/// <summary>
/// One lane's connection: set up to be durable and to let go when this process hangs, with a slot of the totals that no other session has.
/// </summary>
internal sealed class LaneSession : IDisposable
{
    private const int SlotsMax = 64;

    // The lock goes with the session, so a slot is free again as soon as its writer is gone.
    private const string TakeSlot =
        """
        SELECT slot FROM generate_series(0, 63) slot
        WHERE pg_try_advisory_lock(hashtext('OrleansSegments slots ' || current_setting('search_path')), slot) LIMIT 1
        """;

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlBatch _batch;

    private LaneSession(NpgsqlConnection connection, int slot)
    {
        _connection = connection;
        _batch = new NpgsqlBatch(connection);
        Slot = slot;
    }

    /// <summary>Which rows of the totals this session moves. Two sessions with one slot would wait for each other, no more.</summary>
    public int Slot { get; }

    public bool IsUsable => _connection.FullState == System.Data.ConnectionState.Open;

    /// <param name="silenceMax">After so long without a word inside a transaction the server ends the session.</param>
    public static LaneSession Open(PostgresDatabase database, TimeSpan silenceMax)
    {
        var connection = database.Open();
        try
        {
            connection.Run("SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'");
            connection.Run("SELECT set_config('idle_in_transaction_session_timeout', $1, false)", $"{silenceMax.TotalMilliseconds:0}");
            return new LaneSession(connection, connection.Ask(TakeSlot) is int slot ? slot : connection.ProcessID % SlotsMax);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Sends statements in one go; afterwards each knows how many rows it wrote.</summary>
    public void Send(List<NpgsqlBatchCommand> statements)
    {
        _batch.BatchCommands.Clear();
        foreach (var statement in statements)
        {
            _batch.BatchCommands.Add(statement);
        }

        _batch.ExecuteNonQuery();
    }

    public NpgsqlCommand Command(string sql) => _connection.Command(sql);

    public void RollBack() => _connection.Run("ROLLBACK");

    public void Dispose()
    {
        _batch.Dispose();
        _connection.Dispose();
    }
}
