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
    private readonly NpgsqlCommand _commit;
    private readonly LanePulse _pulse;

    private LaneSession(NpgsqlConnection connection, int slot, LanePulse pulse)
    {
        _connection = connection;
        _pulse = pulse;
        _commit = connection.Command("COMMIT");
        Slot = slot;
    }

    /// <summary>Which rows of the totals this session moves. Two sessions with one slot would wait for each other, no more.</summary>
    public int Slot { get; }

    public bool IsUsable => _connection.FullState == System.Data.ConnectionState.Open;

    /// <param name="silenceMax">After so long without a word inside a transaction the server ends the session.</param>
    public static LaneSession Open(PostgresDatabase database, TimeSpan silenceMax, LanePulse pulse)
    {
        pulse.Beat();
        var connection = database.Open();
        try
        {
            pulse.Beat();
            connection.Run("SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'");
            pulse.Beat();
            connection.Run("SELECT set_config('idle_in_transaction_session_timeout', $1, false)", $"{silenceMax.TotalMilliseconds:0}");
            pulse.Beat();
            return new LaneSession(connection, connection.Ask(TakeSlot) is int slot ? slot : connection.ProcessID % SlotsMax, pulse);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The server hears of it with the first statement.</summary>
    public void Begin() => _connection.BeginTransaction();

    /// <summary>
    /// Sends one statement and waits for it; returns how many rows it wrote. Not several in a batch: of those the driver sends all but the first
    /// from the thread pool, where they wait behind everybody's work, which costs a busy silo more than the round trip that a batch saves.
    /// </summary>
    public int Run(NpgsqlCommand statement)
    {
        _pulse.Beat();
        return statement.ExecuteNonQuery();
    }

    public void Commit() => Run(_commit);

    public NpgsqlCommand Command(string sql) => _connection.Command(sql);

    public NpgsqlDataReader Read(NpgsqlCommand command)
    {
        _pulse.Beat();
        return command.ExecuteReader();
    }

    public void RollBack()
    {
        _pulse.Beat();
        _connection.Run("ROLLBACK");
    }

    public void Dispose()
    {
        _commit.Dispose();
        _connection.Dispose();
    }
}
