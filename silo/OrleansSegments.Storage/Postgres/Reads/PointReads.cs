using Npgsql;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Postgres.Connections;

namespace OrleansSegments.Storage.Postgres.Reads;

/// <summary>Which of a customer's messages are known.</summary>
internal sealed record MessageQuestion(byte[] CustomerId, ulong[] Keys, uint NowMinutes);

/// <summary>The queries of <see cref="GatheredReads{TAsk, T}"/>.</summary>
internal static class PointReads
{
    private const string RecordsSql =
        $"""
        SELECT (n.ordinal - 1)::int, {Rows.RecordColumns}
        FROM unnest($1) WITH ORDINALITY n(customer_id, ordinal) JOIN customers USING (customer_id)
        """;

    private const string MessagesSql =
        """
        SELECT n.question, n.key FROM unnest($1, $2, $3, $4) n(question, customer_id, key, now_minutes)
        WHERE EXISTS (SELECT FROM messages m WHERE m.customer_id = n.customer_id AND m.key = n.key AND m.until_minutes >= n.now_minutes)
        """;

    public static async Task<CustomerRecord?[]> Records(NpgsqlConnection connection, byte[][] customerIds, CancellationToken cancellationToken)
    {
        var records = new CustomerRecord?[customerIds.Length];
        await using var command = connection.Command(RecordsSql, (object)customerIds);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            records[rows.GetInt32(0)] = Rows.Record(rows, 1);
        }

        return records;
    }

    public static async Task<IReadOnlyList<ulong>[]> Messages(NpgsqlConnection connection, MessageQuestion[] questions, CancellationToken cancellationToken)
    {
        List<ulong>[] found = [.. questions.Select(static _ => new List<ulong>())];
        var asked = questions.SelectMany(static (question, index) => question.Keys.Select(key => (Index: index, question.CustomerId, Key: (long)key, Now: (int)question.NowMinutes))).ToArray();
        await using var command = connection.Command(
            MessagesSql,
            Array.ConvertAll(asked, static one => one.Index),
            Array.ConvertAll(asked, static one => one.CustomerId),
            Array.ConvertAll(asked, static one => one.Key),
            Array.ConvertAll(asked, static one => one.Now));
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            found[rows.GetInt32(0)].Add((ulong)rows.GetInt64(1));
        }

        return found;
    }
}
