using Npgsql;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Postgres.Connections;
using OrleansSegments.Storage.Postgres.Totals;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Storage.Postgres.Reads;

/// <summary>Reads of pages in the order of ids and of the transition log.</summary>
internal static class PageReads
{
    private const string ScanSql = $"SELECT customer_id, {Rows.RecordColumns}, due_at FROM customers WHERE customer_id > $1 ORDER BY customer_id LIMIT $2";
    private const string MembersSql = "SELECT customer_id FROM customers WHERE segment_id = $1 AND customer_id > $2 ORDER BY customer_id LIMIT $3";

    private const string TransitionsSql =
        $"SELECT {Rows.TransitionColumns} FROM transitions WHERE sequence > $1 AND sequence < {TotalsQuery.Horizon} ORDER BY sequence LIMIT $2";

    private const string HistorySql = $"SELECT {Rows.TransitionColumns} FROM transitions WHERE customer_id = $1 ORDER BY sequence DESC LIMIT $2";

    public static async Task<IReadOnlyList<StoredCustomer>> Scan(
        NpgsqlConnection connection, (string? AfterId, int Limit) ask, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(ScanSql, Rows.IdOf(ask.AfterId ?? ""), (long)ask.Limit);
        return await command.ListAsync(static row => new StoredCustomer(Rows.Id(row, 0), Rows.Record(row, 1), row.IsDBNull(8) ? null : row.GetInt64(8)), cancellationToken);
    }

    public static async Task<IReadOnlyList<string>> Members(
        NpgsqlConnection connection, (int SegmentId, string? AfterId, int Limit) ask, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(MembersSql, ask.SegmentId, Rows.IdOf(ask.AfterId ?? ""), (long)ask.Limit);
        return await command.ListAsync(static row => Rows.Id(row, 0), cancellationToken);
    }

    public static async Task<IReadOnlyList<Transition>> Transitions(
        NpgsqlConnection connection, (long AfterSequence, int Limit) ask, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(TransitionsSql, ask.AfterSequence, (long)ask.Limit);
        return await command.ListAsync(Rows.Transition, cancellationToken);
    }

    public static async Task<IReadOnlyList<Transition>> History(
        NpgsqlConnection connection, (string CustomerId, int Limit) ask, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(HistorySql, Rows.IdOf(ask.CustomerId), (long)ask.Limit);
        return await command.ListAsync(Rows.Transition, cancellationToken);
    }
}
