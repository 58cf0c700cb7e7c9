using Npgsql;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Deadlines;

namespace OrleansSegments.Storage.Postgres;

/// <summary>
/// Reads deadlines. The index is ordered by <c>listed_due_at</c>, which is at most the deadline: when a page contains entries that are too
/// early, they are corrected and the page is read again, so that the result is in the order of deadlines.
/// </summary>
internal static class DueReads
{
    private const int PageMin = 2_048;

    /// <summary>Only continuous writes could make a page need more rounds than it has rows; then it is returned as it is.</summary>
    private const int RoundsMax = 10_000;

    private const string ReadSql =
        "SELECT customer_id, version, due_at, listed_due_at FROM customers WHERE listed_due_at <= $1 ORDER BY listed_due_at LIMIT $2";

    // Skips locked rows, so that the correction neither waits nor deadlocks.
    private const string MendSql =
        """
        WITH passed AS (
            SELECT customer_id FROM customers
            WHERE customer_id = ANY($1) AND listed_due_at < coalesce(due_at, 9223372036854775807) FOR NO KEY UPDATE SKIP LOCKED)
        UPDATE customers c SET listed_due_at = c.due_at FROM passed WHERE c.customer_id = passed.customer_id
        """;

    public const string EarliestSql = "SELECT min(listed_due_at) FROM customers";

    public static async Task<IReadOnlyList<DueCustomer>> ReadAsync(
        NpgsqlConnection connection, EarliestDeadline earliest, long until, int limit, CancellationToken cancellationToken)
    {
        var look = earliest.BeginLook();
        for (var round = 1; ; round++)
        {
            var listed = await connection.ListAsync(ReadSql, Read, [until, (long)Math.Max(limit, PageMin)], cancellationToken: cancellationToken);
            byte[][] passed = [.. listed.Where(static row => row.Due.DueAtMilliseconds > row.ListedAt).Select(static row => Rows.IdOf(row.Due.CustomerId))];
            if (passed.Length > 0 && round < RoundsMax && await connection.RunAsync(MendSql, [passed], cancellationToken) > 0)
            {
                continue;
            }

            var due = listed.Select(static row => row.Due).Where(customer => customer.DueAtMilliseconds <= until).ToList();
            due.Sort(static (left, right) => left.DueAtMilliseconds != right.DueAtMilliseconds
                ? left.DueAtMilliseconds.CompareTo(right.DueAtMilliseconds)
                : CustomerId.Compare(left.CustomerId, right.CustomerId));
            earliest.EndLook(look, due.Count > 0 ? due[0].DueAtMilliseconds : await connection.AskAsync(EarliestSql, [], cancellationToken) as long?);
            return due.Count <= limit ? due : due[..limit];
        }
    }

    private static (DueCustomer Due, long ListedAt) Read(NpgsqlDataReader row) =>
        (new DueCustomer(Rows.Id(row, 0), row.GetInt64(1), row.IsDBNull(2) ? long.MaxValue : row.GetInt64(2)), row.GetInt64(3));
}
