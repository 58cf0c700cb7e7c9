namespace OrleansSegments.LocalRuntime.State;

/// <summary>What activation needs of a state without knowing its type.</summary>
internal interface IReadableState
{
    Task ReadStateAsync(CancellationToken cancellationToken);
}
