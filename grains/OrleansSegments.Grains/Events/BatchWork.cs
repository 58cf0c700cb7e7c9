using Microsoft.Extensions.ObjectPool;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Engine.Events;

namespace OrleansSegments.Grains.Events;

/// <summary>
/// The lists that one batch needs while it is under way, used again for others. Those of a large batch are large objects, which the collector
/// frees seldom; made anew for every batch they would keep all that the batch was made of until then.
/// </summary>
internal sealed class BatchWork : IResettable
{
    /// <summary>The events by customer.</summary>
    public EventGroups Groups { get; } = new();

    public FactsWriter Writer { get; } = new();

    /// <summary>Who is to be called, and is called again after a conflict.</summary>
    public List<(string CustomerId, RecordRequest Request)> Waiting { get; } = [];

    /// <summary>The answers, in the order of <see cref="Waiting"/>.</summary>
    public List<ValueTask<RecordReceipt>> Calls { get; } = [];

    public List<(string CustomerId, RecordRequest Request)> Conflicts { get; } = [];

    public bool TryReset()
    {
        Groups.Clear();
        Writer.Clear();
        Waiting.Clear();
        Calls.Clear();
        Conflicts.Clear();
        return true;
    }
}

/// <summary>The lists of batches that are not under way.</summary>
public sealed class BatchWorkPool
{
    /// <summary>Batches whose lists are kept for others; those of the largest batches take about 2 MB each.</summary>
    private const int KeptMax = 32;

    private readonly DefaultObjectPool<BatchWork> _pool = new(new DefaultPooledObjectPolicy<BatchWork>(), KeptMax);

    internal BatchWork Get() => _pool.Get();

    internal void Return(BatchWork work) => _pool.Return(work);
}
