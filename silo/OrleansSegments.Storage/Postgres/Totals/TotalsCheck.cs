using Npgsql;
using OrleansSegments.Storage.Postgres.Connections;
using OrleansSegments.Storage.Postgres.Reads;

namespace OrleansSegments.Storage.Postgres.Totals;

/// <summary>Recounts the rows behind the totals, in one snapshot, so that it may run while commits go on.</summary>
internal static class TotalsCheck
{
    private const string Sizes =
        """
        SELECT coalesce(r.segment_id, t.segment_id), coalesce(r.size, 0), coalesce(t.size, 0)::bigint
        FROM (SELECT segment_id, count(*) AS size FROM customers GROUP BY segment_id) r
        FULL JOIN (SELECT segment_id, sum(size) AS size FROM segment_totals GROUP BY segment_id) t USING (segment_id)
        WHERE coalesce(r.size, 0) <> coalesce(t.size, 0) ORDER BY 1
        """;

    private const string Population = "SELECT (SELECT count(*) FROM customers), (SELECT coalesce(sum(size), 0)::bigint FROM segment_totals)";
    private const string Unlisted = "SELECT count(*) FROM customers WHERE due_at IS NOT NULL AND (listed_due_at IS NULL OR listed_due_at > due_at)";

    public static async Task<IReadOnlyList<string>> Compare(NpgsqlConnection connection, int timeoutSeconds, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken);
        var differences = await Ask(Sizes, static row => $"Segment {row.GetInt32(0)} has {row.GetInt64(1)} rows and a total of {row.GetInt64(2)}.");
        foreach (var (rows, sum) in await Ask(Population, static row => (row.GetInt64(0), row.GetInt64(1))))
        {
            if (rows != sum)
            {
                differences.Add($"The population is {rows}; the sizes add up to {sum}.");
            }
        }

        var unlisted = (await Ask(Unlisted, static row => row.GetInt64(0)))[0];
        if (unlisted > 0)
        {
            differences.Add($"{unlisted} deadlines are not listed, or later than they are.");
        }

        return differences;

        async Task<List<T>> Ask<T>(string sql, Func<NpgsqlDataReader, T> item)
        {
            await using var command = connection.Command(sql);
            command.CommandTimeout = timeoutSeconds;
            return await command.ListAsync(item, cancellationToken);
        }
    }
}
