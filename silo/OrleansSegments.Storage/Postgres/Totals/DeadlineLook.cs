using Npgsql;
using OrleansSegments.Storage.Deadlines;
using OrleansSegments.Storage.Postgres.Connections;
using OrleansSegments.Storage.Postgres.Reads;

namespace OrleansSegments.Storage.Postgres.Totals;

/// <summary>Reads the earliest deadline of all once in an interval, so that those which other silos wrote are noticed.</summary>
internal sealed class DeadlineLook(SchemaOwnership ownership, EarliestDeadline earliest, TimeSpan interval, TimeProvider time)
{
    private long _lookedAt = long.MinValue;

    public void LookIfDue()
    {
        if (_lookedAt == long.MinValue || time.GetElapsedTime(_lookedAt) >= interval)
        {
            _lookedAt = time.GetTimestamp();
            Look(ownership.Session);
        }
    }

    private void Look(NpgsqlConnection connection)
    {
        var look = earliest.BeginLook();
        earliest.EndLook(look, connection.Ask(DueReads.EarliestSql) as long?);
    }
}
