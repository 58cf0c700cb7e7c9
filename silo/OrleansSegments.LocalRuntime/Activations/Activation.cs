using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansSegments.LocalRuntime.Calls;
using OrleansSegments.LocalRuntime.Timers;
using static OrleansSegments.LocalRuntime.Activations.ActivationFlags;

namespace OrleansSegments.LocalRuntime.Activations;

/// <summary>One grain in memory, from its first call to its end. While idle it is this object, the grain, and a slot of the directory.</summary>
internal sealed class Activation : TurnScheduler, IGrainContext
{
    [ThreadStatic]
    private static Activation? _beingBuilt;

    private Grain? _grain;

    public Activation(GrainClass grainClass, string key, int hash)
    {
        Class = grainClass;
        Key = key;
        Hash = hash;
        Touch();
    }

    /// <summary>Lets the base class of grains find its activation before any constructor of the grain runs.</summary>
    public static Activation? BeingBuilt => _beingBuilt;

    public GrainClass Class { get; }

    public string Key { get; }

    /// <summary>The key's hash, for the directory.</summary>
    public int Hash { get; }

    /// <summary>In seconds of the silo's coarse clock.</summary>
    public int LastUsedAt { get; private set; }

    /// <summary>Whether a call would find it free, or free as soon as it is activated.</summary>
    public bool IsFree => State is 0 or Fresh;

    public bool HasTimers => Queue?.Timers is { Count: > 0 };

    public int WaitingCount => Queue?.Mailbox.Count ?? 0;

    public object Instance => _grain!;

    public Grain? Grain => _grain;

    object? IGrainContext.GrainInstance => _grain;

    public GrainId GrainId => new(Class.Name, Key);

    public IServiceProvider ActivationServices => Class.Silo.Services;

    /// <summary>Takes the activation for a call, activating a fresh grain; throws what its activation threw if that failed at once.</summary>
    public Entry Enter(GrainMethod method)
    {
        if (TryEnter(method, Class.Silo.MailboxCallsMax))
        {
            return Entry.Entered;
        }

        if (State != Fresh || !TrySet(Fresh, Fresh | Running))
        {
            return Entry.Busy;
        }

        var callersContext = Current;
        SetSynchronizationContext(this);
        RunTurn(StartTurn.Instance);
        SetSynchronizationContext(callersContext);
        if (IsGone)
        {
            var failure = Queue!.Failure!;
            Leave();
            ExceptionDispatchInfo.Throw(failure);
        }

        return (State & Fresh) == 0 ? Entry.Entered : Entry.Starting;
    }

    public void Leave()
    {
        Touch();
        Release();
    }

    /// <summary>Builds the grain and activates it.</summary>
    public Task StartAsync()
    {
        var outer = _beingBuilt;
        _beingBuilt = this;
        try
        {
            var states = Class.StatesOf(Key);
            _grain = Class.Build(states);
            if (states.Length > 0)
            {
                return ReadThenActivateAsync(states);
            }

            return Class.HasActivationHook ? _grain.OnActivateAsync(Class.Silo.Stopping) : Task.CompletedTask;
        }
        catch (Exception error)
        {
            return Task.FromException(error);
        }
        finally
        {
            _beingBuilt = outer;
        }
    }

    public void Started()
    {
        Clear(Fresh);
        lock (this)
        {
            if (Queue?.Mailbox.Count > 0)
            {
                Set(Work);
            }
        }
    }

    /// <summary>The activation failed: the calls that wait fail with it, and the next call makes another activation.</summary>
    public void Abandon(Exception failure)
    {
        foreach (var waiting in End(failure))
        {
            waiting.Fail(failure);
        }
    }

    /// <summary>A storage conflict that leaves a call means that this activation works on state that is not the stored one.</summary>
    public void Observe(Task failed)
    {
        if (failed.Exception?.InnerException is InconsistentStateException conflict)
        {
            Close(new DeactivationReason(DeactivationReasonCode.ApplicationError, conflict, "The stored state is not the one read."));
        }
    }

    /// <summary>Ends the activation once no call is in progress; calls that wait go to the next one.</summary>
    public void Close(DeactivationReason reason)
    {
        lock (this)
        {
            if ((State & (Closing | Gone)) == 0)
            {
                var queue = Queue ??= new();
                queue.Reason = reason;
                Set(Closing);
                Wake(queue.RunningCount == 0);
            }
        }
    }

    void IGrainContext.Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken) => Close(deactivationReason);

    /// <summary>Begins to end the activation, on this thread, if it is idle since that second; true when it did.</summary>
    public bool TryCollect(int lastUsedMax, DeactivationReason reason)
    {
        if (LastUsedAt > lastUsedMax || !TrySet(0, Running))
        {
            return false;
        }

        bool isKept;
        lock (this)
        {
            // Interleaving calls in progress do not show in the state word.
            isKept = reason.ReasonCode == DeactivationReasonCode.ActivationIdle
                && (Queue?.KeepUntil > Class.Silo.Seconds || Queue?.RunningCount > 0);
            if (!isKept)
            {
                (Queue ??= new()).Reason = reason;
                Set(Closing | Work);
            }
        }

        if (isKept)
        {
            Release();
        }
        else
        {
            RunTurns();
        }

        return !isKept;
    }

    /// <summary>Ends an idle activation that has nothing to run at its end.</summary>
    public bool TryDrop() => TrySet(0, Gone);

    public async Task RunClosingHookAsync()
    {
        if (_grain is null || (State & Fresh) != 0 || !Class.HasDeactivationHook)
        {
            return;
        }

        using var deadline = new CancellationTokenSource(Class.Silo.Options.DeactivationTimeout, Class.Silo.Clock);
        try
        {
            await _grain.OnDeactivateAsync(Queue!.Reason, deadline.Token).WaitAsync(deadline.Token);
        }
        catch (Exception error)
        {
            Class.Silo.Log.LogWarning(error, "{Grain} did not deactivate cleanly; it is gone all the same.", GrainId);
        }
    }

    /// <summary>The last hook has run: the id is free for the next activation, which gets the calls that wait.</summary>
    public void Closed()
    {
        foreach (var waiting in End(failure: null))
        {
            waiting.MoveOn();
        }
    }

    public Task WhenGone()
    {
        lock (this)
        {
            return IsGone
                ? Task.CompletedTask
                : ((Queue ??= new()).Ended ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    public void KeepFor(TimeSpan time)
    {
        lock (this)
        {
            (Queue ??= new()).KeepUntil = time == Timeout.InfiniteTimeSpan ? long.MaxValue
                : time <= TimeSpan.Zero ? 0 : Class.Silo.Seconds + (long)Math.Ceiling(time.TotalSeconds);
        }
    }

    public void Own(GrainTimer timer)
    {
        lock (this)
        {
            ((Queue ??= new()).Timers ??= []).Add(timer);
        }
    }

    public void Disown(GrainTimer timer)
    {
        lock (this)
        {
            Queue?.Timers?.Remove(timer);
        }
    }

    protected override void Touch() => LastUsedAt = Class.Silo.Seconds;

    private async Task ReadThenActivateAsync(State.IReadableState[] states)
    {
        foreach (var state in states)
        {
            await state.ReadStateAsync(Class.Silo.Stopping);
        }

        await _grain!.OnActivateAsync(Class.Silo.Stopping);
    }

    private ITurn[] End(Exception? failure)
    {
        ITurn[] waiting;
        GrainTimer[] timers;
        TaskCompletionSource? ended;
        lock (this)
        {
            var queue = Queue ??= new();
            queue.Failure = failure;
            waiting = [.. queue.Mailbox];
            queue.Mailbox.Clear();
            timers = [.. queue.Timers ?? []];
            ended = queue.Ended;
            Set(Gone);
        }

        Class.Forget(this);
        foreach (var timer in timers)
        {
            timer.Stop();
        }

        ended?.TrySetResult();
        return waiting;
    }
}
