using Orleans.Runtime;
using OrleansSegments.LocalRuntime.Activations;

namespace OrleansSegments.LocalRuntime.Calls;

/// <summary>
/// A call that did not end on the caller's thread. The caller waits for <see cref="Answer"/>, which completes with the grain's task,
/// on a response timeout or on cancellation, whichever is first; the grain runs on in the last two cases.
/// </summary>
internal class AwaitedCall<TReturn, TResult, TKind>(GrainReference target, GrainMethod method) : TimedCall, ITurn
    where TKind : struct, IReturnKind<TReturn, TResult>
{
    // Callers go on elsewhere: their code must never run inside the grain's turn.
    private readonly TaskCompletionSource<TResult> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenRegistration _cancellation;

    public Task<TResult> Answer => _answer.Task;

    public bool Interleaves => method.Interleaves;

    public bool IsReadOnly => method.IsReadOnly;

    public bool CountsAsUse => true;

    protected GrainReference Target => target;

    protected GrainMethod Method => method;

    /// <summary>Starts the deadline and listens to the caller's token.</summary>
    public void Arm(CancellationToken cancellationToken)
    {
        var silo = target.Class.Silo;
        silo.Deadlines.Add(this, silo.DueAt(method.ResponseTimeout));

        if (cancellationToken.CanBeCanceled)
        {
            _cancellation = cancellationToken.UnsafeRegister(
                static (call, token) => ((AwaitedCall<TReturn, TResult, TKind>)call!).Cancel(token), this);
        }
    }

    public virtual Task? Run(Activation activation) => null;

    public void Ended(Activation activation, Task outcome)
    {
        if (outcome.IsCompletedSuccessfully)
        {
            Release();
            _answer.TrySetResult(TKind.ResultOf(outcome));
        }
        else
        {
            FailWith(activation, outcome);
        }
    }

    public virtual void MoveOn() => Fail(new OrleansMessageRejectionException($"{method.Name} reached {target.GrainId} as it closed."));

    public override void Fail(Exception error)
    {
        Release();
        _answer.TrySetException(error);
    }

    public override void TimeOut() => Fail(new TimeoutException(
        $"{method.Name} of {target.GrainId} gave no answer within {method.ResponseTimeout}. The grain may still be working on it."));

    protected void Succeed(TReturn returned) => Ended(null!, TKind.ToTask(returned));

    private void FailWith(Activation activation, Task outcome)
    {
        activation.Observe(outcome);
        Release();
        if (outcome.IsCanceled)
        {
            _answer.TrySetCanceled(new TaskCanceledException(outcome).CancellationToken);
        }
        else
        {
            _answer.TrySetException(outcome.Exception!.InnerExceptions);
        }
    }

    private void Cancel(CancellationToken token)
    {
        target.Class.Silo.Deadlines.Remove(this);
        _answer.TrySetCanceled(token);
    }

    private void Release()
    {
        target.Class.Silo.Deadlines.Remove(this);
        _cancellation.Dispose();
    }
}
