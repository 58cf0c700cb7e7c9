using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.ClusterTests.Hosting;

/// <summary>The real store, behind hooks with which the test controls commits and reads of single customers.</summary>
internal sealed class UnreliableStore(ICustomerStore store) : PassingStore(store)
{
    private TaskCompletionSource _nextCommit = new();

    /// <summary>Returns the outcome of a change that is not passed to the store; null passes it.</summary>
    public Func<CustomerChange, CommitOutcome?> Refuse { get; set; } = static _ => null;

    /// <summary>Awaited before a commit starts.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>Awaited before a single customer is read.</summary>
    public Func<Task> BeforeRead { get; set; } = static () => Task.CompletedTask;

    /// <summary>Awaited after a look-up of messages has read them.</summary>
    public Func<Task> AfterLookUp { get; set; } = static () => Task.CompletedTask;

    /// <summary>Replaces the silo's store.</summary>
    public static UnreliableStore Replace(IServiceCollection services)
    {
        var registered = services.Single(service => service.ServiceType == typeof(ICustomerStore));
        var unreliable = new UnreliableStore((ICustomerStore)registered.ImplementationInstance!);
        services.Replace(ServiceDescriptor.Singleton<ICustomerStore>(unreliable));
        return unreliable;
    }

    /// <summary>Completes when the next change has reached the gate.</summary>
    public Task NextCommit() => (_nextCommit = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public override void Commit(CustomerChange change, ICommitListener listener)
    {
        Gate.GetAwaiter().OnCompleted(() => Pass(change, listener));
        _nextCommit.TrySetResult();
    }

    public override async ValueTask<CustomerRecord?> ReadAsync(string customerId, CancellationToken cancellationToken)
    {
        await BeforeRead();
        return await Inner.ReadAsync(customerId, cancellationToken);
    }

    public override async ValueTask<IReadOnlyList<ulong>> FindMessagesAsync(string customerId, ulong[] keys, uint nowMinutes, CancellationToken cancellationToken)
    {
        var found = await Inner.FindMessagesAsync(customerId, keys, nowMinutes, cancellationToken);
        await AfterLookUp();
        return found;
    }

    /// <summary>Computes cuts by reading everybody when the store itself returns none.</summary>
    public override async ValueTask<IReadOnlyList<string>> ReadCutsAsync(int parts, CancellationToken cancellationToken)
    {
        var all = await Inner.ScanAsync(null, 100_000, cancellationToken);
        return all.Count < parts ? [] : [.. Enumerable.Range(1, parts - 1).Select(part => all[(part * all.Count / parts) - 1].CustomerId)];
    }

    public override async ValueTask<IReadOnlyList<Transition>> ReadHistoryAsync(string customerId, int limit, CancellationToken cancellationToken)
    {
        await BeforeRead();
        return await Inner.ReadHistoryAsync(customerId, limit, cancellationToken);
    }

    private void Pass(CustomerChange change, ICommitListener listener)
    {
        if (Refuse(change) is { } outcome)
        {
            listener.Ended(outcome);
        }
        else
        {
            Inner.Commit(change, listener);
        }
    }
}
