using OrleansSegments.Storage.Faults;
using Xunit;

namespace OrleansSegments.UnitTests.Storage;

/// <summary>Holds the commit thread inside a commit, so that a test decides what waits for the next one.</summary>
internal sealed class CommitGate : IDisposable
{
    private readonly ManualResetEventSlim _open = new(initialState: true);
    private TaskCompletionSource? _held;

    public void Fault(StoreStep step)
    {
        if (step == StoreStep.CommitChecked)
        {
            Interlocked.Exchange(ref _held, null)?.SetResult();
            Assert.True(_open.Wait(TimeSpan.FromSeconds(60)), "A test held a commit and did not let it go.");
        }
    }

    /// <summary>Completes when a commit stands at the gate.</summary>
    public Task HoldNextCommit()
    {
        _open.Reset();
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _held = held;
        return held.Task;
    }

    public void Open() => _open.Set();

    public void Dispose()
    {
        _open.Set();
        _open.Dispose();
    }
}
