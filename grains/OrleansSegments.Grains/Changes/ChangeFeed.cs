using Orleans;
using Orleans.Concurrency;
using OrleansSegments.Contracts.Changes;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Grains.Changes;

/// <summary>Reads the transition log from the silo's store. Owns nothing.</summary>
[StatelessWorker]
public sealed class ChangeFeed(ICustomerStore store) : Grain, IChangeFeed
{
    public async Task<TransitionView[]> Read(long afterSequence, int limit, TimeSpan wait)
    {
        IReadOnlyList<Transition> transitions = await store.ReadTransitionsAsync(afterSequence, limit, CancellationToken.None);
        if (transitions.Count == 0 && wait > TimeSpan.Zero)
        {
            await WaitForNext(afterSequence, wait);
            transitions = await store.ReadTransitionsAsync(afterSequence, limit, CancellationToken.None);
        }

        return [.. transitions.Select(TransitionViews.Of)];
    }

    private async Task WaitForNext(long afterSequence, TimeSpan wait)
    {
        using var deadline = new CancellationTokenSource(wait);
        try
        {
            await store.WaitForTransitionsAsync(afterSequence, deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            // Nothing came within the wait; the empty answer says so.
        }
    }
}
