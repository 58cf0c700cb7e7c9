using Npgsql;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Deadlines;
using OrleansSegments.Storage.Postgres.Connections;

namespace OrleansSegments.Storage.Postgres.Reads;

/// <summary>
/// Reads of deadlines. The index is in the order of <c>listed_due_at</c>, which is at most the deadline: a page that holds a customer who is
/// listed too early is mended and read again, so that a page that is answered is in the order of deadlines.
/// </summary>
internal static class DueReads
{
    private const int PageMin = 2_048;

    /// <summary>Only writers that never rest could make a page need more rounds than it has rows; then it is answered as it is.</summary>
    private const int RoundsMax = 10_000;

    private const string ReadSql =
        "SELECT customer_id, version, due_at, listed_due_at FROM customers WHERE listed_due_at <= $1 ORDER BY listed_due_at LIMIT $2";

    // Rows that a writer holds are left for another time, so that mending never waits and never stands in a circle of waits.
    private const string MendSql =
        """
        WITH passed AS (
            SELECT customer_id FROM customers
            WHERE customer_id = ANY($1) AND listed_due_at < coalesce(due_at, 9223372036854775807) FOR NO KEY UPDATE SKIP LOCKED)
        UPDATE customers c SET listed_due_at = c.due_at FROM passed WHERE c.customer_id = passed.customer_id
        """;

    public const string EarliestSql = "SELECT min(listed_due_at) FROM customers";

    public static async Task<IReadOnlyList<DueCustomer>> Read(
        NpgsqlConnection connection, (EarliestDeadline Earliest, long Until, int Limit) ask, CancellationToken cancellationToken)
    {
        var look = ask.Earliest.BeginLook();
        for (var round = 1; ; round++)
        {
            var (due, passed) = await ReadListed(connection, ask.Until, Math.Max(ask.Limit, PageMin), cancellationToken);
            if (passed.Count > 0 && round < RoundsMax && await Mend(connection, passed, cancellationToken) > 0)
            {
                continue;
            }

            due.Sort(Order);
            ask.Earliest.EndLook(look, due.Count > 0 ? due[0].DueAtMilliseconds : await ReadEarliest(connection, cancellationToken));
            return due.Count <= ask.Limit ? due : due[..ask.Limit];
        }
    }

    private static int Order(DueCustomer left, DueCustomer right) => left.DueAtMilliseconds != right.DueAtMilliseconds
        ? left.DueAtMilliseconds.CompareTo(right.DueAtMilliseconds)
        : CustomerId.Compare(left.CustomerId, right.CustomerId);

    private static async Task<(List<DueCustomer> Due, List<byte[]> Passed)> ReadListed(
        NpgsqlConnection connection, long until, int limit, CancellationToken cancellationToken)
    {
        var due = new List<DueCustomer>();
        var passed = new List<byte[]>();
        await using var command = connection.Command(ReadSql, until, (long)limit);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            var dueAt = rows.IsDBNull(2) ? long.MaxValue : rows.GetInt64(2);
            if (dueAt > rows.GetInt64(3))
            {
                passed.Add(rows.GetFieldValue<byte[]>(0));
            }

            if (dueAt <= until)
            {
                due.Add(new DueCustomer(Rows.Id(rows, 0), rows.GetInt64(1), dueAt));
            }
        }

        return (due, passed);
    }

    private static async Task<int> Mend(NpgsqlConnection connection, List<byte[]> passed, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(MendSql, passed);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<long?> ReadEarliest(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(EarliestSql);
        return await command.ExecuteScalarAsync(cancellationToken) as long?;
    }
}
