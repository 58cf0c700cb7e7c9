using System.Runtime.CompilerServices;
using OrleansSegments.LocalRuntime.Activations;
using OrleansSegments.LocalRuntime.Calls;
using OrleansSegments.LocalRuntime.Proxies;

namespace Orleans.Runtime;

/// <summary>
/// Base of the emitted references. A call to an idle grain runs on the caller's thread: it enters the activation with one interlocked
/// instruction and leaves with another; only a call that awaits, or finds the grain busy, allocates.
/// </summary>
public abstract class GrainReference : IAddressable, IEquatable<GrainReference>
{
    private readonly InterfaceBinding _binding;
    private Activation? _activation;

    private protected GrainReference(InterfaceBinding binding, string key)
    {
        _binding = binding;
        Key = key;
    }

    public GrainId GrainId => new(Class.Name, Key);

    internal string Key { get; }

    internal GrainClass Class => _binding.Class;

    public bool Equals(GrainReference? other) => other is not null && other.Class == Class && other.Key == Key;

    public override bool Equals(object? obj) => Equals(obj as GrainReference);

    public override int GetHashCode() => Key.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => GrainId.ToString();

    internal TGrainInterface As<TGrainInterface>() => this is TGrainInterface same ? same : Class.ReferenceTo<TGrainInterface>(Key);

    /// <summary>The activation to call now; its class's directory makes one when there is none.</summary>
    internal Activation Resolve()
    {
        var activation = _activation;
        if (activation is null || activation.IsGone)
        {
            activation = Class.Find(Key);
            if (!Class.IsStatelessWorker)
            {
                _activation = activation;
            }
        }

        return activation;
    }

    /// <summary>Notes where the next call will go; null when that is not known.</summary>
    internal void Expect(Activation? activation) => _activation = activation;

    internal TReturn Call<TInvocation, TReturn, TResult, TKind>(TInvocation invocation, int methodIndex, CancellationToken cancellationToken)
        where TInvocation : struct, IInvocation<TReturn>
        where TKind : struct, IReturnKind<TReturn, TResult>
    {
        var method = _binding.Methods[methodIndex];
        if (cancellationToken.IsCancellationRequested)
        {
            return TKind.FromTask(Task.FromCanceled<TResult>(cancellationToken));
        }

        if (method.IsOneWay || InlineDepth.IsAtLimit(Class.Silo.InlineDepthMax))
        {
            return Queue<TInvocation, TReturn, TResult, TKind>(invocation, method, cancellationToken);
        }

        try
        {
            var activation = Resolve();
            switch (activation.Enter(method))
            {
                case Entry.Entered:
                    return RunInline<TInvocation, TReturn, TResult, TKind>(activation, invocation, method, cancellationToken);
                case Entry.Starting:
                    // Queued before leaving, so that this call fails with the activation if that fails.
                    var answer = Queue<TInvocation, TReturn, TResult, TKind>(invocation, method, cancellationToken);
                    activation.Leave();
                    return answer;
            }
        }
        catch (Exception error)
        {
            // Only finding and activating the grain can throw here: the grain's own errors are inside what it returned.
            return TKind.FromTask(Task.FromException<TResult>(error));
        }

        return Queue<TInvocation, TReturn, TResult, TKind>(invocation, method, cancellationToken);
    }

    private TReturn RunInline<TInvocation, TReturn, TResult, TKind>(
        Activation activation, TInvocation invocation, GrainMethod method, CancellationToken cancellationToken)
        where TInvocation : struct, IInvocation<TReturn>
        where TKind : struct, IReturnKind<TReturn, TResult>
    {
        var callersContext = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(activation);
        InlineDepth.Enter();
        TReturn returned;
        try
        {
            returned = invocation.Invoke(activation.Instance);
        }
        catch (Exception error)
        {
            returned = TKind.FromTask(Task.FromException<TResult>(error));
        }

        if (!TKind.HasSucceeded(returned) && !method.IsHandedThrough)
        {
            returned = NotYet<TReturn, TResult, TKind>(activation, TKind.ToTask(returned), method, cancellationToken);
        }

        InlineDepth.Leave();
        SynchronizationContext.SetSynchronizationContext(callersContext);
        activation.Leave();
        return returned;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private TReturn NotYet<TReturn, TResult, TKind>(
        Activation activation, Task task, GrainMethod method, CancellationToken cancellationToken)
        where TKind : struct, IReturnKind<TReturn, TResult>
    {
        if (task.IsCompleted)
        {
            activation.Observe(task);
            return TKind.FromTask(task);
        }

        var call = new AwaitedCall<TReturn, TResult, TKind>(this, method);
        call.Arm(cancellationToken);
        activation.Await(call, task);
        return TKind.FromTask(call.Answer);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private TReturn Queue<TInvocation, TReturn, TResult, TKind>(
        TInvocation invocation, GrainMethod method, CancellationToken cancellationToken)
        where TInvocation : struct, IInvocation<TReturn>
        where TKind : struct, IReturnKind<TReturn, TResult>
    {
        var call = new QueuedCall<TInvocation, TReturn, TResult, TKind>(this, method, invocation);
        if (!method.IsOneWay)
        {
            call.Arm(cancellationToken);
            call.Dispatch();
            return TKind.FromTask(call.Answer);
        }

        call.Dispatch();
        if (call.Answer.IsFaulted)
        {
            return TKind.FromTask(call.Answer);
        }

        call.LogFailure();
        return TKind.FromTask(Task.CompletedTask);
    }
}
