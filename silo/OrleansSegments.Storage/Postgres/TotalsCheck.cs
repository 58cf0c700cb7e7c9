namespace OrleansSegments.Storage.Postgres;

/// <summary>Recounts the rows behind the totals in one snapshot; commits may go on meanwhile.</summary>
internal static class TotalsCheck
{
    private const string Sql =
        """
        WITH rows AS (SELECT segment_id, count(*) AS size FROM customers WHERE segment_id >= 0 GROUP BY segment_id),
            totals AS (SELECT segment_id, sum(size)::bigint AS size FROM segment_totals GROUP BY segment_id)
        SELECT format('Segment %s has %s rows and a total of %s.', segment_id, coalesce(r.size, 0), coalesce(t.size, 0))
        FROM rows r FULL JOIN totals t USING (segment_id) WHERE coalesce(r.size, 0) <> coalesce(t.size, 0)
        UNION ALL
        SELECT format('The population is %s; the sizes add up to %s.', r.sum, t.sum)
        FROM (SELECT coalesce(sum(size), 0) AS sum FROM rows) r, (SELECT coalesce(sum(size), 0) AS sum FROM totals) t WHERE r.sum <> t.sum
        UNION ALL
        SELECT format('%s deadlines are not listed, or later than they are.', count(*))
        FROM customers WHERE due_at IS NOT NULL AND (listed_due_at IS NULL OR listed_due_at > due_at) HAVING count(*) > 0
        UNION ALL
        SELECT format('The index of traits has %s entries of nobody in the population.', count(*))
        FROM traits t WHERE NOT EXISTS (SELECT FROM customers c WHERE c.customer_id = t.customer_id AND c.segment_id <> -1) HAVING count(*) > 0
        """;

    /// <summary>Only ends a hanging count; counting every row may take long.</summary>
    private static readonly TimeSpan TimeMax = TimeSpan.FromHours(1);

    /// <summary>The differences as text, none when all is well.</summary>
    public static ValueTask<IReadOnlyList<string>> CompareAsync(PostgresDatabase database, CancellationToken cancellationToken) => database.ReadAsync(
        connection => connection.ListAsync(Sql, static row => row.GetString(0), [], TimeMax, cancellationToken), TimeMax, cancellationToken);
}
