using Microsoft.Extensions.Logging;
using Npgsql;
using OrleansSegments.Storage.Postgres.Connections;

namespace OrleansSegments.Storage.Postgres.Totals;

/// <summary>
/// Warns when transitions stay unreadable because somebody's transaction does not end. Nothing is lost: the log goes on once it does.
/// </summary>
internal sealed class HorizonWatch(TotalsRefresh totals, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan PatienceMax = TimeSpan.FromSeconds(10);

    private const string FindOldest =
        """
        SELECT concat('process ', pid, ' of the server (', application_name, ', ', state, ' since ', state_change, ')')
        FROM pg_stat_activity WHERE backend_xid IS NOT NULL ORDER BY age(backend_xid) DESC LIMIT 1
        """;

    private const string FindPrepared = "SELECT concat('the prepared transaction ', gid) FROM pg_prepared_xacts ORDER BY age(transaction) DESC LIMIT 1";

    private long _stoodSince;
    private long _stoodAt = -1;
    private bool _isTold;

    public void Look(NpgsqlConnection connection)
    {
        var readable = totals.Totals.Current.Sequence;
        if (!totals.IsBehind || readable != _stoodAt)
        {
            (_stoodAt, _stoodSince, _isTold) = (readable, time.GetTimestamp(), false);
            return;
        }

        if (!_isTold && time.GetElapsedTime(_stoodSince) >= PatienceMax)
        {
            _isTold = true;
            logger.LogWarning(
                "Change feeds have stood still for {Time}: a transaction that began before the newest transitions does not end. It is that of {Holder}. "
                + "Let it end, or end it with pg_terminate_backend",
                PatienceMax,
                connection.Ask(FindOldest) ?? connection.Ask(FindPrepared) ?? "a session that this user may not see");
        }
    }
}
