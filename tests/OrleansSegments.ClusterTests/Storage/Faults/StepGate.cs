using OrleansSegments.ClusterTests.Storage.Places;
using OrleansSegments.Storage.Faults;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.ClusterTests.Storage.Faults;

/// <summary>Holds the first thread that comes to a step there, so that a test decides what happens meanwhile.</summary>
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

    /// <summary>Completes when a thread stands at the step.</summary>
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

/// <summary>Kills a place when the store comes to a step for the n-th time. A dead process does nothing more: its threads stay at their steps.</summary>
/// <param name="occurrence">1 for the first time.</param>
internal sealed class StepKill(IStorePlace place, StoreStep at, int occurrence) : IDisposable
{
    private readonly TaskCompletionSource _killed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _buried = new();
    private readonly Lock _gate = new();
    private int _left = occurrence;
    private volatile bool _hasBegun;
    private bool _isDead;

    /// <summary>Completes when the place is as the kill left it.</summary>
    public Task Killed => _killed.Task;

    /// <summary>True from the instant of the kill on. What the store answers after it is no answer: connections end one after the other, and a process would be gone.</summary>
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

    // Whoever waits for the kill must learn that it failed.
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

    /// <summary>Lets the threads go, so that the killed store can be closed.</summary>
    public void Dispose() => _buried.Set();
}
