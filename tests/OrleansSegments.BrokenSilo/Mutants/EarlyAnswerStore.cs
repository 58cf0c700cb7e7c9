using System.Collections.Concurrent;
using System.Threading.Channels;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.BrokenSilo.Mutants;

/// <summary>
/// Says "committed" at once and commits a little later, as a cache in front of a store does. What a kill finds in between is lost. Who is new is
/// committed first: a training that did not find those who were acknowledged would be a second thing that is wrong.
/// </summary>
internal sealed class EarlyAnswerStore : PassingStore
{
    private static readonly TimeSpan Later = TimeSpan.FromMilliseconds(200);

    private readonly Channel<(CustomerChange Change, long HandedInAt)> _waiting = Channel.CreateUnbounded<(CustomerChange, long)>();
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly ConcurrentDictionary<(string CustomerId, ulong Key), bool> _marked = new();
    private readonly Task _committing;

    public EarlyAnswerStore(ICustomerStore store)
        : base(store) => _committing = CommitAllAsync();

    public override void Commit(CustomerChange change, ICommitListener listener)
    {
        if (change.PreviousSegmentId is null)
        {
            Right.Commit(change, listener);
            return;
        }

        foreach (MessageMark mark in change.Messages)
        {
            _marked[(change.CustomerId, mark.Key)] = true;
        }

        _waiting.Writer.TryWrite((change, _time.GetTimestamp()));
        listener.Ended(CommitOutcome.Committed);
    }

    /// <summary>Also those that wait: a repeat that is counted because its mark comes late would be a second thing that is wrong.</summary>
    public override async ValueTask<IReadOnlyList<ulong>> FindMessagesAsync(
        string customerId, ulong[] keys, uint nowMinutes, CancellationToken cancellationToken)
    {
        IReadOnlyList<ulong> committed = await base.FindMessagesAsync(customerId, keys, nowMinutes, cancellationToken);
        return [.. committed.Union(keys.Where(key => _marked.ContainsKey((customerId, key))))];
    }

    public override async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _committing;
        await base.DisposeAsync();
    }

    private async Task CommitAllAsync()
    {
        await foreach ((CustomerChange change, long handedInAt) in _waiting.Reader.ReadAllAsync())
        {
            TimeSpan early = Later - _time.GetElapsedTime(handedInAt);
            if (early > TimeSpan.Zero)
            {
                await Task.Delay(early);
            }

            // In the order in which they were handed in; nobody waits for the outcome any more.
            _ = Right.CommitAsync(change).AsTask();
        }
    }
}
