namespace Orleans.Runtime;

/// <summary>One activation, as its grain sees it.</summary>
public interface IGrainContext
{
    GrainId GrainId { get; }

    object? GrainInstance { get; }

    IServiceProvider ActivationServices { get; }

    /// <summary>Ends the activation once the calls in progress are done. Calls that wait go to the next activation.</summary>
    void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);
}
