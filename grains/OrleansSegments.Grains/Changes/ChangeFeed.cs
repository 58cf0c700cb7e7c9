using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Concurrency;
using OrleansSegments.Contracts.Changes;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Grains.Changes;

/// <summary>Reads the transition log from the silo's store. Owns nothing.</summary>
[StatelessWorker]
public sealed class ChangeFeed(ICustomerStore store, IHostApplicationLifetime host) : Grain, IChangeFeed
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

    public Task<TransitionFlows> Flows(DateTimeOffset from, DateTimeOffset to) => new FlowCount(store, from, to).TakeAsync();

    private async Task WaitForNext(long afterSequence, TimeSpan wait)
    {
        // A silo that stops would wait for this call.
        using var end = CancellationTokenSource.CreateLinkedTokenSource(host.ApplicationStopping);
        end.CancelAfter(wait);
        try
        {
            await store.WaitForTransitionsAsync(afterSequence, end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // No transition came within the wait: answer with an empty page.
        }
    }
}

/// <summary>Converts stored transitions to the contract's view.</summary>
internal static class TransitionViews
{
    public static TransitionView Of(Transition transition) => new(
        transition.Sequence,
        transition.CustomerId,
        KeyOf(transition.FromSegmentId),
        KeyOf(transition.ToSegmentId),
        CauseOf(transition.Cause),
        transition.ModelVersion,
        DateTimeOffset.FromUnixTimeMilliseconds(transition.OccurredAtMilliseconds));

    /// <summary>Null for a customer outside the population.</summary>
    public static string? KeyOf(int? segmentId) => segmentId is null or CustomerRecord.OutsideSegmentId ? null : SegmentKey.Of(segmentId.Value);

    public static string CauseOf(TransitionCause cause) => cause switch
    {
        TransitionCause.Event => "event",
        TransitionCause.Time => "time",
        TransitionCause.Model => "model",
        TransitionCause.Consent => "consent",
        TransitionCause.Erasure => "erasure",
        TransitionCause.Merge => "merge",
        _ => throw new ArgumentOutOfRangeException(nameof(cause), cause, "This cause is never stored."),
    };
}
