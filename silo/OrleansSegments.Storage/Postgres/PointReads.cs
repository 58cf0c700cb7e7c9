using System.Threading.Channels;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Postgres;

/// <summary>Reads customers by id and their messages by key. Reads of single customers are batched.</summary>
internal sealed class PointReads
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

    private readonly PostgresDatabase _database;
    private readonly GatheredReads<byte[], CustomerRecord?> _records;
    private readonly GatheredReads<MessageQuestion, IReadOnlyList<ulong>> _messages;

    public PointReads(PostgresDatabase database)
    {
        _database = database;
        _records = new(customerIds => ReadManyAsync(customerIds, CancellationToken.None));
        _messages = new(FindMessagesAsync);
    }

    /// <exception cref="StoreException">Thrown when the database cannot be read.</exception>
    public ValueTask<CustomerRecord?> ReadAsync(string customerId, CancellationToken cancellationToken) =>
        _records.ReadAsync(Rows.IdOf(customerId), cancellationToken);

    /// <exception cref="StoreException">Thrown when the database cannot be read.</exception>
    public ValueTask<IReadOnlyList<ulong>> FindMessagesAsync(string customerId, ulong[] keys, uint nowMinutes, CancellationToken cancellationToken) =>
        _messages.ReadAsync(new MessageQuestion(Rows.IdOf(customerId), keys, (int)nowMinutes), cancellationToken);

    /// <exception cref="StoreException">Thrown when the database cannot be read.</exception>
    public async ValueTask<IReadOnlyList<CustomerRecord?>> ReadManyAsync(byte[][] customerIds, CancellationToken cancellationToken)
    {
        var records = new CustomerRecord?[customerIds.Length];
        var found = await _database.ListAsync(RecordsSql, static row => (Place: row.GetInt32(0), Record: Rows.Record(row)), [customerIds], cancellationToken);
        foreach (var (place, record) in found)
        {
            records[place] = record;
        }

        return records;
    }

    private async ValueTask<IReadOnlyList<IReadOnlyList<ulong>>> FindMessagesAsync(MessageQuestion[] questions)
    {
        var asked = questions.SelectMany(static (question, place) => question.Keys.Select(key => (Place: place, Question: question, Key: (long)key))).ToArray();
        object[] values =
        [
            Array.ConvertAll(asked, static one => one.Place),
            Array.ConvertAll(asked, static one => one.Question.CustomerId),
            Array.ConvertAll(asked, static one => one.Key),
            Array.ConvertAll(asked, static one => one.Question.NowMinutes),
        ];
        var found = await _database.ListAsync(MessagesSql, static row => (Place: row.GetInt32(0), Key: (ulong)row.GetInt64(1)), values, CancellationToken.None);
        var byPlace = found.ToLookup(static message => message.Place, static message => message.Key);
        return [.. questions.Select((_, place) => byPlace[place].ToArray())];
    }

    /// <summary>Asks which of a customer's messages are stored.</summary>
    private sealed record MessageQuestion(byte[] CustomerId, ulong[] Keys, int NowMinutes);
}

/// <summary>
/// Batches small reads: while the maximum of queries is running, further reads wait, and the next query serves all of them. A read is never
/// answered by a query that started before it.
/// </summary>
internal sealed class GatheredReads<TAsk, T>
{
    private const int QueriesMax = 2;
    private const int ReadsMax = 1_024;
    private const int WaitingMax = 65_536;

    private readonly Func<TAsk[], ValueTask<IReadOnlyList<T>>> _query;
    private readonly Channel<Read> _waiting = Channel.CreateBounded<Read>(WaitingMax);

    /// <param name="query">Must return the answers in the order of the questions.</param>
    public GatheredReads(Func<TAsk[], ValueTask<IReadOnlyList<T>>> query)
    {
        _query = query;
        for (var number = 0; number < QueriesMax; number++)
        {
            _ = Task.Run(ServeAsync);
        }
    }

    public async ValueTask<T> ReadAsync(TAsk ask, CancellationToken cancellationToken)
    {
        var read = new Read(ask);
        await _waiting.Writer.WriteAsync(read, cancellationToken);
        return await read.Task.WaitAsync(cancellationToken);
    }

    private async Task ServeAsync()
    {
        var reads = new List<Read>();
        while (await _waiting.Reader.WaitToReadAsync())
        {
            reads.Clear();
            while (reads.Count < ReadsMax && _waiting.Reader.TryRead(out var read))
            {
                reads.Add(read);
            }

            try
            {
                var answers = reads.Count == 0 ? [] : await _query([.. reads.Select(static read => read.Ask)]);
                foreach (var (read, answer) in reads.Zip(answers))
                {
                    read.SetResult(answer);
                }
            }
            catch (Exception failure)
            {
                // Every reader gets the failure; none of them ran the query itself.
                reads.ForEach(read => read.TrySetException(failure));
            }
        }
    }

    private sealed class Read(TAsk ask) : TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public TAsk Ask => ask;
    }
}
