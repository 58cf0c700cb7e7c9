using OrleansSegments.LocalRuntime.Calls;
using static OrleansSegments.LocalRuntime.Activations.ActivationFlags;

namespace OrleansSegments.LocalRuntime.Activations;

/// <summary>
/// One turn at a time. <see cref="Running"/> is owned by one thread: by a caller that entered with one interlocked instruction, or
/// by a pool thread while turns are queued. The scheduler is its own synchronization context, which costs eight bytes and brings
/// every continuation back as a turn. Its lock guards the queue only and is never held while grain code runs.
/// </summary>
internal abstract class TurnScheduler : SynchronizationContext, IThreadPoolWorkItem
{
    // After so many turns the thread goes back to the pool, so that one grain cannot keep it.
    private const int TurnsPerSliceMax = 64;

    private int _state = Fresh;

    public bool IsGone => (State & Gone) != 0;

    protected int State => Volatile.Read(ref _state);

    /// <summary>Null while there is nothing to remember. Guarded by the lock on this.</summary>
    protected ActivationQueue? Queue { get; set; }

    /// <summary>Takes the activation for a call if nothing is in its way.</summary>
    public bool TryEnter(GrainMethod method, int interleavingMax)
    {
        var state = State;
        return (state == 0 || (state == Blocked && method.Interleaves && !(Queue?.RunningCount >= interleavingMax))) && TrySet(state, state | Running);
    }

    public Admission Enqueue(ITurn turn, int waitingMax)
    {
        lock (this)
        {
            if (IsGone)
            {
                return Admission.Gone;
            }

            var queue = Queue ??= new();
            if (queue.WaitingWith(turn) >= waitingMax)
            {
                return Admission.Full;
            }

            var state = State;

            // Who asked for its end may hold what is no longer true: even an interleaving call waits for the next activation.
            if (turn.Interleaves && (state & (Fresh | Closing)) == 0)
            {
                queue.InterleavingCount++;
                queue.Ready.Enqueue((null, turn));
                Wake(isRunnable: true);
            }
            else
            {
                queue.Mailbox.Enqueue(turn);
                var isUnstarted = (state & (Fresh | Blocked)) == Fresh;
                Wake(isUnstarted || ((state & (Fresh | Closing)) == 0 && queue.Admits(turn)));
            }

            return Admission.Accepted;
        }
    }

    /// <summary>Notes that a turn awaits this task. Only for the thread that owns the activation.</summary>
    public void Await(ITurn turn, Task task)
    {
        lock (this)
        {
            if ((Queue ??= new()).Begin(turn))
            {
                Set(Blocked);
            }
        }

        // With this context current, the continuation comes back as a turn of this activation.
        task.GetAwaiter().UnsafeOnCompleted(new AwaitedTurn((Activation)this, turn, task).Complete);
    }

    /// <summary>Notes that an awaiting turn is done. Runs as a turn.</summary>
    public void EndAwait(ITurn turn)
    {
        lock (this)
        {
            if (Queue!.End(turn))
            {
                Clear(Blocked);
            }

            if (Queue.Mailbox.Count > 0 || (State & Closing) != 0)
            {
                Set(Work);
            }
        }

        if (turn.CountsAsUse)
        {
            Touch();
        }
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (this)
        {
            (Queue ??= new()).Ready.Enqueue((d, state));
            Wake(isRunnable: true);
        }
    }

    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("A grain cannot be entered synchronously; call it through its interface.");

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs queued turns; the thread owns the activation already.</summary>
    void IThreadPoolWorkItem.Execute() => RunTurns();

    protected void RunTurns()
    {
        var callersContext = Current;
        SetSynchronizationContext(this);
        try
        {
            for (var turns = 0; turns < TurnsPerSliceMax; turns++)
            {
                if (!TakeNext(out var continuation, out var item))
                {
                    return;
                }

                if (continuation is null)
                {
                    RunTurn((ITurn)item!);
                }
                else
                {
                    continuation(item);
                }
            }
        }
        finally
        {
            SetSynchronizationContext(callersContext);
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    protected void RunTurn(ITurn turn)
    {
        if (turn.Run((Activation)this) is { } task)
        {
            if (!task.IsCompleted)
            {
                Await(turn, task);
                return;
            }

            turn.Ended((Activation)this, task);
        }

        if (turn.CountsAsUse)
        {
            Touch();
        }
    }

    /// <summary>Gives the activation back. What was queued meanwhile runs on the pool, not on the caller's time.</summary>
    protected void Release()
    {
        while (true)
        {
            var state = State;
            if ((state & Work) != 0)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                return;
            }

            if (TrySet(state, state & ~Running))
            {
                return;
            }
        }
    }

    /// <summary>Makes sure that someone looks at the queue. Only under the lock.</summary>
    protected void Wake(bool isRunnable)
    {
        // Once Work is set nobody enters past the queue, so that the second step cannot race with a caller.
        var before = Interlocked.Or(ref _state, Work);
        if (isRunnable && (before & Running) == 0)
        {
            Set(Running);
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    protected void Set(int flags) => Interlocked.Or(ref _state, flags);

    protected void Clear(int flags) => Interlocked.And(ref _state, ~flags);

    protected bool TrySet(int expected, int state) => Interlocked.CompareExchange(ref _state, state, expected) == expected;

    /// <summary>Notes that the activation was used just now.</summary>
    protected abstract void Touch();

    /// <summary>The next thing to run; when there is none, gives the activation back and forgets an empty queue.</summary>
    private bool TakeNext(out SendOrPostCallback? continuation, out object? item)
    {
        lock (this)
        {
            continuation = null;
            item = null;
            var state = State;
            if (Queue is { } queue)
            {
                if (queue.Ready.TryDequeue(out var ready))
                {
                    (continuation, item) = ready;
                    queue.InterleavingCount -= continuation is null ? 1 : 0;
                    return true;
                }

                item = NextStep(queue, state);
                if (item is not null)
                {
                    return true;
                }

                Queue = queue.IsDisposable ? null : queue;
            }

            Clear(Running | Work);
            return false;
        }
    }

    private static ITurn? NextStep(ActivationQueue queue, int state)
    {
        if ((state & Gone) != 0)
        {
            return null;
        }

        if ((state & Closing) != 0)
        {
            var mayClose = queue.RunningCount == 0 && !queue.HasClosingStarted;
            queue.HasClosingStarted |= mayClose;
            return mayClose ? CloseTurn.Instance : null;
        }

        if ((state & Fresh) != 0)
        {
            return (state & Blocked) == 0 ? StartTurn.Instance : null;
        }

        return queue.Mailbox.TryPeek(out var head) && queue.Admits(head) ? queue.Mailbox.Dequeue() : null;
    }
}
