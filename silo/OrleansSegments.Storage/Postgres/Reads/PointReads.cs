using System.Threading.Channels;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Postgres.Connections;

namespace OrleansSegments.Storage.Postgres.Reads;

/// <summary>
/// Reads of customers by id. Those of single customers are gathered: while as many queries as allowed are under way further ids wait, and the
/// next query asks for all of them together. A read is never answered by a query that began before it.
/// </summary>
internal sealed class PointReads
{
    private const int QueriesMax = 2;
    private const int IdsMax = 1_024;
    private const int WaitingMax = 65_536;

    private const string Sql =
        $"""
        SELECT (n.ordinal - 1)::int, {Rows.RecordColumns}
        FROM unnest($1) WITH ORDINALITY n(customer_id, ordinal) JOIN customers USING (customer_id)
        """;

    private readonly PostgresDatabase _database;
    private readonly Channel<PointRead> _waiting = Channel.CreateBounded<PointRead>(WaitingMax);

    public PointReads(PostgresDatabase database)
    {
        _database = database;
        for (var query = 0; query < QueriesMax; query++)
        {
            _ = Task.Run(ServeAsync);
        }
    }

    /// <exception cref="StoreException">The database cannot be read.</exception>
    public async ValueTask<CustomerRecord?> ReadAsync(string customerId, CancellationToken cancellationToken)
    {
        var read = new PointRead(Rows.IdOf(customerId));
        await _waiting.Writer.WriteAsync(read, cancellationToken);
        return await read.Task.WaitAsync(cancellationToken);
    }

    /// <exception cref="StoreException">The database cannot be read.</exception>
    public async ValueTask<IReadOnlyList<CustomerRecord?>> ReadManyAsync(byte[][] customerIds, CancellationToken cancellationToken)
    {
        var records = new CustomerRecord?[customerIds.Length];
        var found = await _database.ListAsync(Sql, static row => (Place: row.GetInt32(0), Record: Rows.Record(row)), [customerIds], cancellationToken);
        foreach (var (place, record) in found)
        {
            records[place] = record;
        }

        return records;
    }

    private async Task ServeAsync()
    {
        var reads = new List<PointRead>();
        while (await _waiting.Reader.WaitToReadAsync())
        {
            reads.Clear();
            while (reads.Count < IdsMax && _waiting.Reader.TryRead(out var read))
            {
                reads.Add(read);
            }

            try
            {
                var records = reads.Count == 0 ? [] : await ReadManyAsync([.. reads.Select(static read => read.CustomerId)], CancellationToken.None);
                foreach (var (read, record) in reads.Zip(records))
                {
                    read.SetResult(record);
                }
            }
            catch (Exception failure)
            {
                // Each reader gets the failure; none of them ran the query itself.
                reads.ForEach(read => read.TrySetException(failure));
            }
        }
    }

    private sealed class PointRead(byte[] customerId) : TaskCompletionSource<CustomerRecord?>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public byte[] CustomerId => customerId;
    }
}
