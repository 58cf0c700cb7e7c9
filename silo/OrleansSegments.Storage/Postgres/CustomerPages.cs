using Npgsql;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Postgres;

/// <summary>Pages of customers, of the present or of a snapshot.</summary>
internal static class CustomerPages
{
    private const string ScanSql = $"SELECT customer_id, {Rows.RecordColumns}, due_at FROM customers WHERE customer_id > $1 ORDER BY customer_id LIMIT $2";
    private const string MembersSql = "SELECT customer_id FROM customers WHERE segment_id = $1 AND customer_id > $2 ORDER BY customer_id LIMIT $3";

    public static Task<IReadOnlyList<StoredCustomer>> ScanAsync(NpgsqlConnection connection, string? afterId, long limit, CancellationToken cancellationToken) =>
        connection.ListAsync(
            ScanSql,
            static row => new StoredCustomer(Rows.Id(row, 0), Rows.Record(row), row.IsDBNull(8) ? null : row.GetInt64(8)),
            [Rows.IdOf(afterId ?? ""), limit],
            cancellationToken: cancellationToken);

    public static Task<IReadOnlyList<string>> MembersAsync(
        NpgsqlConnection connection, int segmentId, string? afterId, long limit, CancellationToken cancellationToken) =>
        connection.ListAsync(MembersSql, static row => Rows.Id(row, 0), [segmentId, Rows.IdOf(afterId ?? ""), limit], cancellationToken: cancellationToken);
}
