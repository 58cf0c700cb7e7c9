using System.Collections.Concurrent;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Grains.Batches;
using OrleansSegments.Grains.Passes;
using OrleansSegments.Grains.Silos;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Populations;

/// <summary>
/// Visits every customer of a share exactly once. A silo alone takes the live ones from <see cref="Population"/> and the rest from the store;
/// a customer that comes to life or leaves meanwhile is told apart by its id and not visited twice. Beside other silos it reads its share from
/// the store, where every durable change is, whichever silo has the customer in memory.
/// </summary>
public sealed class PopulationReader(Population population, ICustomerStore store, ISiloMembership silos)
{
    /// <summary>Stored customers read at a time; bounds the memory of a scan to about 8 MB.</summary>
    public const int ScanPageRows = 4096;

    /// <summary>Customers asked for by their ids at a time.</summary>
    public const int StoreReadsMax = 64;

    /// <summary>Customers handed to a visitor at a time.</summary>
    public const int BatchRows = 1024;

    /// <summary>
    /// Hands the customers of some ranges to <paramref name="visit"/>, as <see cref="ReadAllAsync"/> does.
    /// </summary>
    public Task ReadAsync(
        IReadOnlyList<IdRange> ranges, int workers, Action<int, IReadOnlyList<StoredCustomer>> visit, CancellationToken cancellationToken)
    {
        if (ranges.Any(r => r.IsEverything) && silos.Current.IsAlone)
        {
            return ReadAllAsync(workers, visit, cancellationToken);
        }

        var waiting = new ConcurrentQueue<IdRange>(ranges);
        return Task.WhenAll(Enumerable.Range(0, workers).Select(worker => Task.Run(
            async () =>
            {
                while (waiting.TryDequeue(out IdRange range))
                {
                    await ReadRangeAsync(range, batch => visit(worker, batch), cancellationToken);
                }
            },
            cancellationToken)));
    }

    /// <summary>
    /// Hands all customers to <paramref name="visit"/> in batches, several at a time on different threads; the first argument is the
    /// worker's number, from 0 to <paramref name="workers"/> - 1, and no two calls with the same number overlap.
    /// </summary>
    public async Task ReadAllAsync(int workers, Action<int, IReadOnlyList<StoredCustomer>> visit, CancellationToken cancellationToken)
    {
        var live = new HashSet<string>[workers];
        var changing = new ConcurrentQueue<string>();
        var parts = new ConcurrentQueue<int>(Enumerable.Range(0, Population.Parts));
        await Task.WhenAll(Enumerable.Range(0, workers).Select(worker => Task.Run(
            () =>
            {
                live[worker] = new HashSet<string>(StringComparer.Ordinal);
                while (parts.TryDequeue(out int part))
                {
                    ReadLive(part, worker, live[worker], changing, visit, cancellationToken);
                }
            },
            cancellationToken)));

        await ReadChangingAsync([.. changing], live, visit, cancellationToken);
        await ReadStoredAsync(live, visit, cancellationToken);
    }

    private void ReadLive(
        int part,
        int worker,
        HashSet<string> seen,
        ConcurrentQueue<string> changing,
        Action<int, IReadOnlyList<StoredCustomer>> visit,
        CancellationToken cancellationToken)
    {
        var batch = new List<StoredCustomer>(BatchRows);
        foreach (LiveCustomer customer in population.Read(part))
        {
            string id = CustomerKey.CustomerIdOf(customer.GrainKey);
            if (seen.Add(id))
            {
                if (customer.Record is { } record)
                {
                    batch.Add(new StoredCustomer(id, record));
                }
                else
                {
                    changing.Enqueue(id);
                }
            }

            if (batch.Count == BatchRows)
            {
                cancellationToken.ThrowIfCancellationRequested();
                visit(worker, batch);
                batch.Clear();
            }
        }

        if (batch.Count > 0)
        {
            visit(worker, batch);
        }
    }

    /// <summary>Those whose changes were on their way to the store: what it has of them is what counts.</summary>
    private async Task ReadChangingAsync(
        string[] ids, HashSet<string>[] live, Action<int, IReadOnlyList<StoredCustomer>> visit, CancellationToken cancellationToken)
    {
        CustomerRecord?[] records = await BoundedCalls.AllAsync(
            ids, StoreReadsMax, id => store.ReadAsync(id, cancellationToken), cancellationToken);
        var batch = new List<StoredCustomer>(ids.Length);
        for (int i = 0; i < ids.Length; i++)
        {
            if (records[i] is { } record)
            {
                batch.Add(new StoredCustomer(ids[i], record));
            }
            else
            {
                Array.ForEach(live, l => l.Remove(ids[i]));
            }
        }

        foreach (StoredCustomer[] chunk in batch.Chunk(BatchRows))
        {
            visit(0, chunk);
        }
    }

    private async Task ReadRangeAsync(IdRange range, Action<IReadOnlyList<StoredCustomer>> visit, CancellationToken cancellationToken)
    {
        string? after = range.After;
        while (true)
        {
            IReadOnlyList<StoredCustomer> page = await store.ScanAsync(after, ScanPageRows, cancellationToken);
            IReadOnlyList<StoredCustomer> inside = range.Until is { } until && page.Count > 0 && CustomerIdOrder.Compare(page[^1].CustomerId, until) > 0
                ? [.. page.TakeWhile(c => CustomerIdOrder.Compare(c.CustomerId, until) <= 0)]
                : page;
            if (inside.Count > 0)
            {
                visit(inside);
            }

            if (inside.Count < page.Count || page.Count == 0)
            {
                return;
            }

            after = page[^1].CustomerId;
        }
    }

    private async Task ReadStoredAsync(
        HashSet<string>[] live, Action<int, IReadOnlyList<StoredCustomer>> visit, CancellationToken cancellationToken)
    {
        // When every customer was live, there is nobody left to look for, and a scan of a large store is spared.
        if (live.Sum(l => (long)l.Count) == store.Totals.Population)
        {
            return;
        }

        string? after = null;
        while (true)
        {
            IReadOnlyList<StoredCustomer> page = await store.ScanAsync(after, ScanPageRows, cancellationToken);
            if (page.Count == 0)
            {
                return;
            }

            after = page[^1].CustomerId;
            List<StoredCustomer> rest = [.. page.Where(c => !Array.Exists(live, l => l.Contains(c.CustomerId)))];
            if (rest.Count > 0)
            {
                visit(0, rest);
            }
        }
    }
}
