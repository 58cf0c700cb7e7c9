using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Totals;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.ClusterTests.Hosting;

/// <summary>The real store, except that the test decides about commits and reads of one customer before it sees them.</summary>
internal sealed class UnreliableStore(ICustomerStore store) : ICustomerStore
{
    private readonly TaskCompletionSource _firstCommit = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the first change has come as far as the gate.</summary>
    public Task FirstCommit => _firstCommit.Task;

    /// <summary>The outcome of a change that does not reach the store; null lets it pass.</summary>
    public Func<CustomerChange, CommitOutcome?> Refuse { get; set; } = static _ => null;

    /// <summary>What a commit waits for before it begins.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>What reading one customer waits for before it begins.</summary>
    public Func<Task> BeforeRead { get; set; } = static () => Task.CompletedTask;

    /// <summary>What a look-up of messages waits for after it has read them.</summary>
    public Func<Task> AfterLookUp { get; set; } = static () => Task.CompletedTask;

    public SegmentTotals Totals => store.Totals;

    public StoreHealth Health => store.Health;

    public long? EarliestDeadlineMilliseconds => store.EarliestDeadlineMilliseconds;

    /// <summary>Puts it in the place of the silo's store.</summary>
    public static UnreliableStore Replace(IServiceCollection services)
    {
        var registered = services.Single(service => service.ServiceType == typeof(ICustomerStore));
        var unreliable = new UnreliableStore((ICustomerStore)registered.ImplementationInstance!);
        services.Replace(ServiceDescriptor.Singleton<ICustomerStore>(unreliable));
        return unreliable;
    }

    public void Commit(CustomerChange change, ICommitListener listener)
    {
        Gate.GetAwaiter().OnCompleted(() => Pass(change, listener));
        _firstCommit.TrySetResult();
    }

    public async ValueTask<CustomerRecord?> ReadAsync(string customerId, CancellationToken cancellationToken)
    {
        await BeforeRead();
        return await store.ReadAsync(customerId, cancellationToken);
    }

    public ValueTask<IReadOnlyList<CustomerRecord?>> ReadManyAsync(IReadOnlyList<string> customerIds, CancellationToken cancellationToken) =>
        store.ReadManyAsync(customerIds, cancellationToken);

    public async ValueTask<IReadOnlyList<ulong>> FindMessagesAsync(string customerId, ulong[] keys, uint nowMinutes, CancellationToken cancellationToken)
    {
        var found = await store.FindMessagesAsync(customerId, keys, nowMinutes, cancellationToken);
        await AfterLookUp();
        return found;
    }

    public ValueTask<IReadOnlyList<StoredCustomer>> ScanAsync(string? afterId, int limit, CancellationToken cancellationToken) =>
        store.ScanAsync(afterId, limit, cancellationToken);

    /// <summary>Cuts by reading everybody, where the store itself has none to give.</summary>
    public async ValueTask<IReadOnlyList<string>> ReadCutsAsync(int parts, CancellationToken cancellationToken)
    {
        var all = await store.ScanAsync(null, 100_000, cancellationToken);
        return all.Count < parts ? [] : [.. Enumerable.Range(1, parts - 1).Select(part => all[(part * all.Count / parts) - 1].CustomerId)];
    }

    public ValueTask<IReadOnlyList<string>> ReadMembersAsync(int segmentId, string? afterId, int limit, CancellationToken cancellationToken) =>
        store.ReadMembersAsync(segmentId, afterId, limit, cancellationToken);

    public ValueTask<IReadOnlyList<DueCustomer>> ReadDueAsync(long untilMilliseconds, int limit, CancellationToken cancellationToken) =>
        store.ReadDueAsync(untilMilliseconds, limit, cancellationToken);

    public ValueTask UpdateDeadlinesAsync(IReadOnlyList<DeadlineUpdate> updates, CancellationToken cancellationToken) =>
        store.UpdateDeadlinesAsync(updates, cancellationToken);

    public ValueTask<IReadOnlyList<Transition>> ReadTransitionsAsync(long afterSequence, int limit, CancellationToken cancellationToken) =>
        store.ReadTransitionsAsync(afterSequence, limit, cancellationToken);

    public async ValueTask<IReadOnlyList<Transition>> ReadHistoryAsync(string customerId, int limit, CancellationToken cancellationToken)
    {
        await BeforeRead();
        return await store.ReadHistoryAsync(customerId, limit, cancellationToken);
    }

    public ValueTask WaitForTransitionsAsync(long afterSequence, CancellationToken cancellationToken) =>
        store.WaitForTransitionsAsync(afterSequence, cancellationToken);

    public ValueTask DisposeAsync() => store.DisposeAsync();

    private void Pass(CustomerChange change, ICommitListener listener)
    {
        if (Refuse(change) is { } outcome)
        {
            listener.Ended(outcome);
        }
        else
        {
            store.Commit(change, listener);
        }
    }
}
