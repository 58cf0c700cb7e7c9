using Microsoft.Extensions.Logging;
using Npgsql;
using OrleansSegments.Storage.Postgres.Connections;

namespace OrleansSegments.Storage.Postgres.Commits;

/// <summary>
/// A lane's way to the database: connects when it is needed, and after a failure only again when a pause has passed, so that meanwhile nobody
/// waits for a server that is not there. A pause doubles from attempt to attempt up to its limit.
/// </summary>
internal sealed class LaneConnection(PostgresContext context, LanePulse pulse) : IDisposable
{
    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(2);

    private LaneTransaction? _open;
    private TimeSpan _pause;
    private long _failedAt;

    /// <summary>The open connection; null within the pause after a failed attempt.</summary>
    /// <exception cref="NpgsqlException">The server could not be reached.</exception>
    public LaneTransaction? Open()
    {
        if (_open is { Session.IsUsable: true } open)
        {
            return open;
        }

        Drop();
        if (_pause > TimeSpan.Zero && context.Time.GetElapsedTime(_failedAt) < _pause)
        {
            return null;
        }

        try
        {
            _open = new LaneTransaction(LaneSession.Open(context.Database, context.Options.CommandTimeout, pulse));
            _pause = TimeSpan.Zero;
            return _open;
        }
        catch (Exception failure) when (PostgresProblem.IsExpected(failure))
        {
            Pause();
            throw;
        }
    }

    /// <summary>Makes an end of a transaction that failed.</summary>
    public void RollBack(Exception reason)
    {
        try
        {
            if (PostgresProblem.IsReadOnlySession(reason))
            {
                context.Database.RenewSessions();
                Pause();
            }
            else if (_open is { Session.IsUsable: true } open)
            {
                open.Session.RollBack();
                return;
            }
        }
        catch (Exception failure) when (PostgresProblem.IsExpected(failure))
        {
            context.Logger.LogDebug(failure, "A transaction could not be rolled back; its connection is given up");
        }

        Drop();
    }

    public void Dispose() => Drop();

    private void Pause()
    {
        _failedAt = context.Time.GetTimestamp();
        _pause = _pause == TimeSpan.Zero ? PauseMin : TimeSpan.FromTicks(Math.Min(2 * _pause.Ticks, PauseMax.Ticks));
    }

    private void Drop()
    {
        var dropped = _open;
        _open = null;
        try
        {
            dropped?.Dispose();
        }
        catch (Exception failure) when (PostgresProblem.IsExpected(failure))
        {
            // The driver rolls back what is open, which a server that has ended the session or is gone refuses.
            context.Logger.LogDebug(failure, "A connection that is given up did not end in an orderly way");
        }
    }
}
