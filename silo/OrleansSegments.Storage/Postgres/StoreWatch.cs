using Microsoft.Extensions.Logging;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Postgres;

/// <summary>
/// Periodic checks: reads totals and deadlines changed by other silos, keeps the lock on the schema, finds the transaction that holds up
/// the transition log, and empties partitions of expired messages.
/// </summary>
internal sealed class StoreWatch(PostgresContext context, TotalsReader totals, SchemaOwnership ownership, MessageDays messages) : IAsyncDisposable
{
    /// <summary>
    /// How long transitions may stay unreadable before a warning. Nothing is lost: readers continue once the transaction ends.
    /// </summary>
    private static readonly TimeSpan StandstillMax = TimeSpan.FromSeconds(10);

    private const string FindOldest =
        """
        SELECT concat('process ', pid, ' of the server (', application_name, ', ', state, ' since ', state_change, ')')
        FROM pg_stat_activity WHERE backend_xid IS NOT NULL ORDER BY age(backend_xid) DESC LIMIT 1
        """;

    private const string FindPrepared = "SELECT concat('the prepared transaction ', gid) FROM pg_prepared_xacts ORDER BY age(transaction) DESC LIMIT 1";

    private readonly PeriodicTimer _timer = new(context.Options.TotalsInterval, context.Time);
    private Task _running = Task.CompletedTask;
    private bool _isFailing;
    private long? _lookedAtDeadlines;
    private (long Sequence, long Since, bool IsTold) _standstill = (-1, 0, false);

    /// <summary>Runs once, so that an opened store knows its totals, then periodically.</summary>
    public async Task StartAsync()
    {
        await totals.RefreshAsync();
        await LookAtDeadlinesAsync();
        _running = Task.Run(RunAsync);
    }

    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _running;
    }

    private async Task RunAsync()
    {
        while (await _timer.WaitForNextTickAsync())
        {
            try
            {
                await ownership.KeepAsync();
                await totals.RefreshAsync();
                await LookAtDeadlinesAsync();
                await WarnOfStandstillAsync();
                await messages.EmptyIfDueAsync();
                _isFailing = false;
            }
            catch (StoreException taken)
            {
                context.Condition.Fatal($"{taken.Message} This silo lost the schema while it could not reach the server, and writes nothing more.");
                context.Logger.LogCritical(taken, "{Problem}", context.Condition.Problem);
            }
            catch (Exception failure)
            {
                // Whatever failed, the next check may succeed; without checks a silo would not see the others' changes.
                if (!_isFailing)
                {
                    context.Logger.LogWarning(failure, "{Problem}", context.Database.Explain(failure));
                }

                _isFailing = true;
            }
        }
    }

    private async Task LookAtDeadlinesAsync()
    {
        if (_lookedAtDeadlines is not { } lookedAt || context.Time.GetElapsedTime(lookedAt) >= context.Options.DeadlinesInterval)
        {
            _lookedAtDeadlines = context.Time.GetTimestamp();
            await totals.LookAtDeadlinesAsync();
        }
    }

    private async Task WarnOfStandstillAsync()
    {
        var sequence = totals.Totals.Current.Sequence;
        if (!totals.IsBehind || sequence != _standstill.Sequence)
        {
            _standstill = (sequence, context.Time.GetTimestamp(), false);
        }
        else if (!_standstill.IsTold && context.Time.GetElapsedTime(_standstill.Since) >= StandstillMax)
        {
            _standstill.IsTold = true;
            context.Logger.LogWarning(
                "Change feeds have made no progress for {Time}: a transaction older than the newest transitions is still open. It belongs to {Holder}. "
                + "Let it end, or end it with pg_terminate_backend",
                StandstillMax,
                await AskAsync(FindOldest) ?? await AskAsync(FindPrepared) ?? "a session that this user may not see");
        }
    }

    private Task<object?> AskAsync(string sql) => context.Database.RunAsync(connection => connection.AskAsync(sql, []));
}
