using System.Collections.Frozen;
using Npgsql;
using OrleansSegments.Storage.Deadlines;
using OrleansSegments.Storage.Totals;

namespace OrleansSegments.Storage.Postgres;

/// <summary>
/// Reads the totals, one reading at a time, so that an older one never replaces a newer one. A caller gets a reading that started after its
/// call; lanes whose commits end together share one.
/// </summary>
internal sealed class TotalsReader(PostgresDatabase database)
{
    /// <summary>
    /// The upper bound for log readers in a snapshot: no transaction below it can still commit, so a cursor that stays below it misses
    /// nothing.
    /// </summary>
    public const string Horizon = "(SELECT (sequence_base + pg_snapshot_xmin(pg_current_snapshot())::text::bigint) << 16 FROM store_settings)";

    // One statement, so one snapshot.
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

    private readonly Lock _gate = new();
    private Task _reading = Task.CompletedTask;
    private Task? _next;
    private long _latestOccurred;
    private volatile bool _isBehind;

    public CommittedTotals Totals { get; } = new(SegmentTotals.Empty);

    /// <summary>Never later than the earliest deadline that this silo wrote or found.</summary>
    public EarliestDeadline EarliestDeadline { get; } = new(null);

    /// <summary>True when there are transitions that cannot be read yet because an older transaction is still open.</summary>
    public bool IsBehind => _isBehind;

    /// <summary>Applies a durable commit before its callers are told.</summary>
    public async Task CommitEndedAsync(CommitReceipt receipt, long earliestDue)
    {
        EarliestDeadline.Lower(earliestDue);
        Publish(null, receipt.LatestOccurredAtMilliseconds);
        if (receipt.Transitions > 0 || IsBehind)
        {
            await RefreshAsync();
        }
    }

    /// <summary>Completes when a reading that started after the call is published.</summary>
    public Task RefreshAsync()
    {
        lock (_gate)
        {
            return _next ??= ReadAfterAsync(_reading);
        }
    }

    /// <summary>Reads the earliest of all deadlines, to see those written by other silos.</summary>
    public async Task LookAtDeadlinesAsync()
    {
        var look = EarliestDeadline.BeginLook();
        EarliestDeadline.EndLook(look, await database.RunAsync(static connection => connection.AskAsync(DueReads.EarliestSql, [])) as long?);
    }

    /// <summary>Reads the totals of a session, in its transaction if it has one.</summary>
    public static async Task<SegmentTotals> ReadAsync(NpgsqlConnection connection) => (await connection.ListAsync(Sql, Read, []))[0].Totals;

    private async Task ReadAfterAsync(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        lock (_gate)
        {
            (_reading, _next) = (_next!, null);
        }

        var (totals, highest) = (await database.RunAsync(static connection => connection.ListAsync(Sql, Read, [])))[0];
        _isBehind = totals.Sequence < highest;
        Publish(totals, totals.LatestOccurredAtMilliseconds);
    }

    private static (SegmentTotals Totals, long HighestSequence) Read(NpgsqlDataReader row)
    {
        var sizes = row.GetFieldValue<int[]>(3).Zip(row.GetFieldValue<long[]>(4)).ToFrozenDictionary(static size => size.First, static size => size.Second);
        return (new SegmentTotals(row.GetInt64(0), sizes.Values.Sum(), sizes, row.GetInt64(2)), row.GetInt64(1));
    }

    /// <param name="totals">Null to keep the published ones.</param>
    private void Publish(SegmentTotals? totals, long latestOccurred)
    {
        lock (_gate)
        {
            _latestOccurred = Math.Max(_latestOccurred, latestOccurred);
            totals ??= Totals.Current;
            if (totals != Totals.Current || totals.LatestOccurredAtMilliseconds != _latestOccurred)
            {
                Totals.Publish(totals with { LatestOccurredAtMilliseconds = _latestOccurred });
            }
        }
    }
}
