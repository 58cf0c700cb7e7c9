using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Totals;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.ClusterTests.Hosting;

/// <summary>The real store, behind hooks with which the test controls commits and reads of single customers.</summary>
internal sealed class UnreliableStore(ICustomerStore store) : ICustomerStore
{
    private readonly TaskCompletionSource _firstCommit = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the first change has reached the gate.</summary>
    public Task FirstCommit => _firstCommit.Task;

    /// <summary>Returns the outcome of a change that is not passed to the store; null passes it.</summary>
    public Func<CustomerChange, CommitOutcome?> Refuse { get; set; } = static _ => null;

    /// <summary>Awaited before a commit starts.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>Awaited before a single customer is read.</summary>
    public Func<Task> BeforeRead { get; set; } = static () => Task.CompletedTask;

    /// <summary>Awaited after a look-up of messages has read them.</summary>
    public Func<Task> AfterLookUp { get; set; } = static () => Task.CompletedTask;

    public SegmentTotals Totals => store.Totals;

    public StoreHealth Health => store.Health;

    public long? EarliestDeadlineMilliseconds => store.EarliestDeadlineMilliseconds;

    /// <summary>Replaces the silo's store.</summary>
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

    /// <summary>Computes cuts by reading everybody when the store itself returns none.</summary>
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
