using Npgsql;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Postgres.Connections;

namespace OrleansSegments.Storage.Postgres.Reads;

/// <summary>
/// Small reads, gathered: while as many queries as allowed are under way further ones wait, and the next query asks for all of
/// them together. A read is never answered by a query that began before it.
/// </summary>
/// <param name="query">Answers questions in their order.</param>
internal sealed class GatheredReads<TAsk, T>(ReadPool pool, int queriesMax, Func<NpgsqlConnection, TAsk[], CancellationToken, Task<T[]>> query)
{
    private const int ReadsMax = 1_024;

    private readonly Lock _gate = new();
    private readonly Queue<Read> _waiting = [];
    private int _queries;

    /// <exception cref="StoreException">The database cannot be read.</exception>
    public async ValueTask<T> ReadAsync(TAsk ask, CancellationToken cancellationToken)
    {
        var read = new Read(ask);
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
                var answers = await pool.ReadAsync(query, Array.ConvertAll(reads, static read => read.Ask), CancellationToken.None);
                for (var index = 0; index < reads.Length; index++)
                {
                    reads[index].SetResult(answers[index]);
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

    private Read[] Take()
    {
        lock (_gate)
        {
            var reads = new Read[Math.Min(_waiting.Count, ReadsMax)];
            for (var index = 0; index < reads.Length; index++)
            {
                reads[index] = _waiting.Dequeue();
            }

            _queries -= reads.Length == 0 ? 1 : 0;
            return reads;
        }
    }

    private sealed class Read(TAsk ask) : TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public TAsk Ask => ask;
    }
}
