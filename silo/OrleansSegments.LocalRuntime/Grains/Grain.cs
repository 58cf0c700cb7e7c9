using System.Diagnostics.CodeAnalysis;
using Orleans.Runtime;
using OrleansSegments.LocalRuntime.Activations;

namespace Orleans;

/// <summary>
/// Base of all grain classes. One activation runs one turn at a time; a grain made outside a silo, as in a unit test, has no context.
/// </summary>
public abstract class Grain : IGrainBase, IAddressable
{
    private readonly Activation? _activation = Activation.BeingBuilt;

    [AllowNull]
    public IGrainContext GrainContext => _activation!;

    public string IdentityString => Activation.GrainId.ToString();

    protected internal IServiceProvider ServiceProvider => Activation.ActivationServices;

    protected IGrainFactory GrainFactory => Activation.Class.Silo.Factory;

    internal Activation Activation => _activation
        ?? throw new InvalidOperationException($"{GetType().Name} was not made by a silo, so it has no id, factory or timers.");

    /// <summary>Runs before the first call. When it fails, the calls that wait fail with its error and the next call tries again.</summary>
    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs after the last call, on a graceful end only and for a bounded time: nothing may rely on it.</summary>
    public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Ends this activation after the calls in progress; the next call makes a new one.</summary>
    protected void DeactivateOnIdle() => Activation.Close(
        new DeactivationReason(DeactivationReasonCode.ApplicationRequested, "The grain asked for it."));

    /// <summary>Keeps this activation for at least this long without calls; zero takes that back, infinite keeps it for good.</summary>
    protected void DelayDeactivation(TimeSpan timeSpan) => Activation.KeepFor(timeSpan);
}
