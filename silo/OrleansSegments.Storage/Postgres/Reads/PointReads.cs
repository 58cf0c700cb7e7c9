using Npgsql;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Postgres.Connections;

namespace OrleansSegments.Storage.Postgres.Reads;

/// <summary>
/// Reads of single customers, gathered: while as many queries as allowed are under way further ids wait, and the next query asks for all of
/// them together. A read is never answered by a query that began before it.
/// </summary>
internal sealed class PointReads(ReadPool pool, int queriesMax)
{
    private const int IdsMax = 1_024;

    private const string Sql =
        $"""
        SELECT (n.ordinal - 1)::int, {Rows.RecordColumns}
        FROM unnest($1) WITH ORDINALITY n(customer_id, ordinal) JOIN customers USING (customer_id)
        """;

    private readonly Lock _gate = new();
    private readonly Queue<PointRead> _waiting = [];
    private int _queries;

    /// <exception cref="StoreException">The database cannot be read.</exception>
    public async ValueTask<CustomerRecord?> ReadAsync(string customerId, CancellationToken cancellationToken)
    {
        var read = new PointRead(Rows.IdOf(customerId));
        bool mustStart;
        lock (_gate)
        {
            _waiting.Enqueue(read);
            mustStart = _queries < queriesMax;
            _queries += mustStart ? 1 : 0;
        }

        if (mustStart)
        {
            _ = ServeAsync();
        }

        return await read.Task.WaitAsync(cancellationToken);
    }

    private async Task ServeAsync()
    {
        while (Take() is { Length: > 0 } reads)
        {
            try
            {
                var records = await pool.ReadAsync(QueryAsync, reads, CancellationToken.None);
                for (var index = 0; index < reads.Length; index++)
                {
                    reads[index].SetResult(records[index]);
                }
            }
            catch (Exception failure)
            {
                // Each reader gets the failure; none of them ran the query itself.
                foreach (var read in reads)
                {
                    read.TrySetException(failure);
                }
            }
        }
    }

    private PointRead[] Take()
    {
        lock (_gate)
        {
            var reads = new PointRead[Math.Min(_waiting.Count, IdsMax)];
            for (var index = 0; index < reads.Length; index++)
            {
                reads[index] = _waiting.Dequeue();
            }

            _queries -= reads.Length == 0 ? 1 : 0;
            return reads;
        }
    }

    private static async Task<CustomerRecord?[]> QueryAsync(NpgsqlConnection connection, PointRead[] reads, CancellationToken cancellationToken)
    {
        var records = new CustomerRecord?[reads.Length];
        await using var command = connection.Command(Sql, (object)Array.ConvertAll(reads, static read => read.CustomerId));
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            records[rows.GetInt32(0)] = Rows.Record(rows, 1);
        }

        return records;
    }

    private sealed class PointRead(byte[] customerId) : TaskCompletionSource<CustomerRecord?>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public byte[] CustomerId => customerId;
    }
}
