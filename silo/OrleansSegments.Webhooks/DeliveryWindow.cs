using OrleansSegments.Contracts.Changes;

namespace OrleansSegments.Webhooks;

/// <summary>
/// The transitions beyond a webhook's cursor that were read and are not all delivered. Of each customer only the oldest one may be on its way; the order
/// among customers is free. Not thread-safe.
/// </summary>
internal sealed class DeliveryWindow(long cursor)
{
    /// <summary>Transitions between the oldest one that is not delivered and the newest one that was read: some 200 KB.</summary>
    public const int TransitionsMax = 1_000;

    private readonly Queue<PendingTransition> _inOrder = new();
    private readonly Dictionary<string, PendingTransition> _newestByCustomer = new(StringComparer.Ordinal);
    private readonly Queue<PendingTransition> _fresh = new();
    private readonly PriorityQueue<PendingTransition, DateTimeOffset> _failed = new();

    /// <summary>The sequence after which to read.</summary>
    public long ReadTo { get; private set; } = cursor;

    /// <summary>Everything up to this sequence is delivered or was not wanted.</summary>
    public long Cursor => _inOrder.TryPeek(out PendingTransition? first) ? first.Transition.Sequence - 1 : ReadTo;

    /// <summary>How many more transitions may be read.</summary>
    public int Room => TransitionsMax - _inOrder.Count;

    /// <summary>When the next failed transition is due; null when none has failed.</summary>
    public DateTimeOffset? NextRetryAt => _failed.TryPeek(out _, out DateTimeOffset at) ? at : null;

    public void Add(TransitionView[] page, Func<TransitionView, bool> isWanted)
    {
        foreach (TransitionView transition in page)
        {
            ReadTo = transition.Sequence;
            if (!isWanted(transition))
            {
                continue;
            }

            var pending = new PendingTransition(transition);
            _inOrder.Enqueue(pending);
            if (_newestByCustomer.TryGetValue(transition.CustomerId, out PendingTransition? before))
            {
                before.Next = pending;
            }
            else
            {
                _fresh.Enqueue(pending);
            }

            _newestByCustomer[transition.CustomerId] = pending;
        }
    }

    /// <summary>Takes a transition that may be sent now.</summary>
    /// <param name="prefersFresh">Takes one that never failed before one that did: a probe of a receiver that is down must not always be the one that the receiver cannot take.</param>
    public bool TryTake(DateTimeOffset now, bool prefersFresh, out PendingTransition pending)
    {
        bool isRetryDue = NextRetryAt <= now;
        if (isRetryDue && !(prefersFresh && _fresh.Count > 0))
        {
            pending = _failed.Dequeue();
            return true;
        }

        return _fresh.TryDequeue(out pending!);
    }

    /// <summary>Ends a transition that was taken; the customer's next one may be sent.</summary>
    public void Deliver(PendingTransition pending)
    {
        pending.IsDelivered = true;
        if (pending.Next is { } next)
        {
            _fresh.Enqueue(next);
        }
        else
        {
            _newestByCustomer.Remove(pending.Transition.CustomerId);
        }

        while (_inOrder.TryPeek(out PendingTransition? first) && first.IsDelivered)
        {
            _inOrder.Dequeue();
        }
    }

    /// <summary>Puts a transition that was taken back; the customer's later ones wait for it.</summary>
    public void Return(PendingTransition pending, DateTimeOffset retryAt)
    {
        pending.Failures++;
        _failed.Enqueue(pending, retryAt);
    }

    /// <summary>Makes everything that failed due: the receiver is back.</summary>
    public void RetryNow(DateTimeOffset now)
    {
        PendingTransition[] failed = [.. _failed.UnorderedItems.Select(static item => item.Element)];
        _failed.Clear();
        _failed.EnqueueRange(failed, now);
    }
}

/// <summary>A transition that is not delivered yet.</summary>
internal sealed class PendingTransition(TransitionView transition)
{
    public TransitionView Transition => transition;

    /// <summary>The customer's next transition in the window.</summary>
    public PendingTransition? Next { get; set; }

    /// <summary>Deliveries that failed, each after its quick retries.</summary>
    public int Failures { get; set; }

    public bool IsDelivered { get; set; }
}
