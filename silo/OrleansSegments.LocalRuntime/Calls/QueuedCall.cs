using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using OrleansSegments.LocalRuntime.Activations;

namespace OrleansSegments.LocalRuntime.Calls;

/// <summary>A call that waits in a mailbox with its arguments.</summary>
internal sealed class QueuedCall<TInvocation, TReturn, TResult, TKind>(GrainReference target, GrainMethod method, TInvocation invocation)
    : AwaitedCall<TReturn, TResult, TKind>(target, method)
    where TInvocation : struct, IInvocation<TReturn>
    where TKind : struct, IReturnKind<TReturn, TResult>
{
    // A call goes on to the next activation a few times only: a grain that always closes at once must not spin.
    private const int DispatchesMax = 8;

    private readonly ExecutionContext? _context = ExecutionContext.Capture();
    private readonly TInvocation _invocation = invocation;
    private Activation? _activation;
    private Task? _running;
    private int _dispatches;

    /// <summary>Puts the call into the mailbox of the current activation, or fails it.</summary>
    public void Dispatch()
    {
        try
        {
            while (_dispatches++ < DispatchesMax)
            {
                switch (Target.Resolve().Enqueue(this, Target.Class.Silo.MailboxCallsMax))
                {
                    case Admission.Accepted:
                        return;
                    case Admission.Full:
                        var limit = Target.Class.Silo.MailboxCallsMax;
                        Fail(new LimitExceededException(nameof(LocalRuntimeOptions.MailboxCallsMax), limit, limit, Target.GrainId));
                        return;
                }
            }

            Fail(new OrleansMessageRejectionException(
                $"{Method.Name} found {Target.GrainId} closing {DispatchesMax} times in a row; the call was not made."));
        }
        catch (OrleansException error)
        {
            Fail(error);
        }
    }

    public override void MoveOn() => Dispatch();

    public override Task? Run(Activation activation)
    {
        if (Answer.IsCompleted)
        {
            // Timed out or cancelled while it waited.
            return null;
        }

        _activation = activation;
        if (_context is null)
        {
            Invoke();
        }
        else
        {
            ExecutionContext.Run(_context, static call => ((QueuedCall<TInvocation, TReturn, TResult, TKind>)call!).Invoke(), this);
        }

        return _running;
    }

    /// <summary>Nobody awaits a one-way call, so its failure is at least written down.</summary>
    public void LogFailure() => Answer.ContinueWith(
        static (answer, call) => ((QueuedCall<TInvocation, TReturn, TResult, TKind>)call!).Log(answer.Exception!.InnerException!),
        this, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    private void Log(Exception error) =>
        Target.Class.Silo.Log.LogWarning(error, "The one-way call {Method} of {Grain} failed.", Method.Name, Target.GrainId);

    private void Invoke()
    {
        try
        {
            var returned = _invocation.Invoke(_activation!.Instance);
            if (TKind.HasSucceeded(returned))
            {
                Succeed(returned);
                return;
            }

            _running = TKind.ToTask(returned);
        }
        catch (Exception error)
        {
            _running = Task.FromException(error);
        }
    }
}
