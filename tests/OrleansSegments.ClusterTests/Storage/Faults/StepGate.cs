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
