using Orleans;
using OrleansSegments.LocalRuntime.Calls;
using OrleansSegments.LocalRuntime.Timers;

namespace OrleansSegments.LocalRuntime.Activations;

/// <summary>
/// What an activation needs only while it is busy, has timers or is kept alive; an idle one has none. Guarded by the activation's lock.
/// </summary>
internal sealed class ActivationQueue
{
    /// <summary>Continuations and interleaving calls: always next. Continuations are as many as the calls in progress await.</summary>
    public Queue<(SendOrPostCallback? Continuation, object? State)> Ready { get; } = new();

    /// <summary>Calls that wait until no other is in progress.</summary>
    public Queue<ITurn> Mailbox { get; } = new();

    /// <summary>Interleaving calls in <see cref="Ready"/>.</summary>
    public int InterleavingCount { get; set; }

    /// <summary>Calls in progress, the awaiting ones only.</summary>
    public int RunningCount { get; private set; }

    public int BlockingCount { get; private set; }

    public bool HasClosingStarted { get; set; }

    public DeactivationReason Reason { get; set; }

    /// <summary>In seconds of the silo's coarse clock; zero when no delay was asked for.</summary>
    public long KeepUntil { get; set; }

    public List<GrainTimer>? Timers { get; set; }

    public TaskCompletionSource? Ended { get; set; }

    /// <summary>What the activation threw.</summary>
    public Exception? Failure { get; set; }

    private bool AreReadersOnly { get; set; }

    public bool IsDisposable =>
        RunningCount == 0 && Ready.Count == 0 && Mailbox.Count == 0 && KeepUntil == 0 && Timers is null or { Count: 0 } && Ended is null;

    public bool Admits(ITurn turn) => turn.Interleaves || BlockingCount == 0 || (AreReadersOnly && turn.IsReadOnly);

    public int WaitingWith(ITurn turn) => turn.Interleaves ? InterleavingCount + RunningCount : Mailbox.Count;

    /// <summary>Counts a call that awaits; true when it keeps others from starting.</summary>
    public bool Begin(ITurn turn)
    {
        RunningCount++;
        if (turn.Interleaves)
        {
            return false;
        }

        AreReadersOnly = turn.IsReadOnly && (BlockingCount == 0 || AreReadersOnly);
        BlockingCount++;
        return true;
    }

    /// <summary>Counts the end of a call that awaited; true when others may start again.</summary>
    public bool End(ITurn turn)
    {
        RunningCount--;
        return !turn.Interleaves && --BlockingCount == 0;
    }
}
