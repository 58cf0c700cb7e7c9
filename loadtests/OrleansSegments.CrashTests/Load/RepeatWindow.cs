namespace OrleansSegments.CrashTests.Load;

/// <summary>
/// Keeps a load within what de-duplication promises. A batch may be applied in part and then be refused for as long as a silo is gone; its sender repeats it meanwhile. Should a
/// customer be sent more events by others in that time than message ids are remembered, the repeat would rightly count twice. So a batch waits
/// while it would push a customer's events out of memory that may yet be repeated. Safe to use from several senders at once.
/// </summary>
/// <param name="customerEventsMax">The most events of a customer that are sent from the first attempt of a batch with others of theirs to its end.</param>
public sealed class RepeatWindow(int customerEventsMax)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _begun = [];
    private readonly Dictionary<EventBatch, Dictionary<string, long>> _open = new(ReferenceEqualityComparer.Instance);
    private TaskCompletionSource _changed = NewSource();

    /// <summary>Waits until the batch may be sent for the first time. Whoever began a batch ends it, and begins no other before.</summary>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public async Task BeginAsync(EventBatch batch, CancellationToken cancellationToken)
    {
        while (TryBegin(batch) is { } changed)
        {
            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The batch is not sent again.</summary>
    public void End(EventBatch batch)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _open.Remove(batch);
            (changed, _changed) = (_changed, NewSource());
        }

        changed.SetResult();
    }

    /// <summary>Null when the batch has begun; else what ends when it is worth trying again.</summary>
    private Task? TryBegin(EventBatch batch)
    {
        lock (_gate)
        {
            foreach ((string customerId, int events) in batch.EventsByCustomer)
            {
                long begun = _begun.GetValueOrDefault(customerId) + events;
                if (_open.Values.Any(open => open.TryGetValue(customerId, out long before) && begun - before > customerEventsMax))
                {
                    return _changed.Task;
                }
            }

            // What others begin later counts against this one; its own events do, too, because they take places in the memory.
            _open[batch] = batch.EventsByCustomer.Keys.ToDictionary(customerId => customerId, customerId => _begun.GetValueOrDefault(customerId));
            foreach ((string customerId, int events) in batch.EventsByCustomer)
            {
                _begun[customerId] = _begun.GetValueOrDefault(customerId) + events;
            }

            return null;
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
