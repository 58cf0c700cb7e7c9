using System.Collections.Frozen;
using Npgsql;
using OrleansSegments.Storage.Postgres.Connections;
using OrleansSegments.Storage.Totals;

namespace OrleansSegments.Storage.Postgres.Totals;

/// <summary>The one statement, so the one snapshot, that reads totals, log and clocks together. Used by one thread at a time.</summary>
internal sealed class TotalsQuery : IDisposable
{
    /// <summary>
    /// Where readers of the log must stop in a snapshot: no transaction below it can still commit, so a cursor that stays below it skips nothing.
    /// </summary>
    public const string Horizon = "(SELECT (sequence_base + pg_snapshot_xmin(pg_current_snapshot())::text::bigint) << 16 FROM store_settings)";

    private const string Sql =
        $"""
        SELECT
            (SELECT coalesce(max(sequence), 0) FROM transitions WHERE sequence < {Horizon}),
            (SELECT coalesce(max(sequence), 0) FROM transitions),
            (SELECT coalesce(max(latest_occurred_at), 0) FROM writer_clocks),
            coalesce(array_agg(segment_id), '{"{}"}'),
            coalesce(array_agg(size), '{"{}"}')
        FROM (SELECT segment_id, sum(size)::bigint AS size FROM segment_totals GROUP BY segment_id HAVING sum(size) <> 0) sizes
        """;

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlCommand _command;

    public TotalsQuery(NpgsqlConnection connection)
    {
        _connection = connection;
        _command = connection.Command(Sql);
    }

    public TotalsReading Read()
    {
        using var row = _command.ExecuteReader();
        row.Read();
        var (readable, highest, latestOccurred) = (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2));
        var sizes = row.GetFieldValue<int[]>(3).Zip(row.GetFieldValue<long[]>(4)).ToFrozenDictionary(static size => size.First, static size => size.Second);
        return new TotalsReading(new SegmentTotals(readable, sizes.Values.Sum(), sizes, latestOccurred), readable < highest);
    }

    public void Dispose()
    {
        _command.Dispose();
        _connection.Dispose();
    }
}
