using OrleansSegments.ClusterTests.Storage.Places;
using OrleansSegments.Storage.Faults;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.ClusterTests.Storage.Faults;

/// <summary>Blocks the first thread that reaches a step, so that a test controls what happens meanwhile.</summary>
internal sealed class StepGate : IDisposable
{
    private readonly ManualResetEventSlim _open = new(initialState: true);
    private (StoreStep Step, TaskCompletionSource Held)? _next;
    private readonly Lock _gate = new();

    public void Fault(StoreStep step)
    {
        TaskCompletionSource? held = null;
        lock (_gate)
        {
            if (_next is { } next && next.Step == step)
            {
                held = next.Held;
                _next = null;
            }
        }

        if (held is not null)
        {
            held.SetResult();
            if (!_open.Wait(Condition.Patience * 2))
            {
                throw new TimeoutException($"A test held the store at {step} and did not let it go.");
            }
        }
    }

    /// <summary>Completes when a thread has reached the step.</summary>
    public Task HoldNext(StoreStep step)
    {
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _open.Reset();
            _next = (step, held);
        }

        return Condition.EndsAsync($"the store comes to {step}", held.Task.ContinueWith(_ => true, TaskScheduler.Default));
    }

    public void Open() => _open.Set();

    public void Dispose()
    {
        _open.Set();
        _open.Dispose();
    }
}

/// <summary>
/// Kills a store's place when a step is reached for the n-th time. A dead process does nothing more, so its threads stay blocked at their
/// steps.
/// </summary>
/// <param name="occurrence">1 for the first time.</param>
internal sealed class StepKill(IStorePlace place, StoreStep at, int occurrence) : IDisposable
{
    private readonly TaskCompletionSource _killed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _buried = new();
    private readonly Lock _gate = new();
    private int _left = occurrence;
    private volatile bool _hasBegun;
    private bool _isDead;

    /// <summary>Completes when the place is in the state that the kill left.</summary>
    public Task Killed => _killed.Task;

    /// <summary>
    /// True from the instant of the kill on. Answers given later do not count: connections end one after another, while a killed process
    /// would be gone at once.
    /// </summary>
    public bool HasBegun => _hasBegun;

    /// <summary>Called at the instant of the kill.</summary>
    public Action AtKill { get; set; } = static () => { };

    public void Fault(StoreStep step)
    {
        lock (_gate)
        {
            if (!_isDead && step == at && --_left == 0)
            {
                _hasBegun = true;
                AtKill();
                Kill();
            }

            if (!_isDead)
            {
                return;
            }
        }

        if (!_buried.Wait(Condition.Patience * 2))
        {
            throw new TimeoutException($"A store was killed at {at} and not buried.");
        }
    }

    // Waiters for the kill must learn that it failed.
    private void Kill()
    {
        try
        {
            place.Kill();
            _isDead = true;
            _killed.SetResult();
        }
        catch (Exception failure)
        {
            _killed.SetException(failure);
            throw;
        }
    }

    /// <summary>Releases the threads, so that the killed store can be closed.</summary>
    public void Dispose() => _buried.Set();
}
