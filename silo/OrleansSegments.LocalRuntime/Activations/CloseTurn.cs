using OrleansSegments.LocalRuntime.Calls;

namespace OrleansSegments.LocalRuntime.Activations;

/// <summary>The last turn of an activation: runs its hook and hands its id back.</summary>
internal sealed class CloseTurn : ITurn
{
    public static readonly CloseTurn Instance = new();

    public bool Interleaves => false;

    public bool IsReadOnly => false;

    public bool CountsAsUse => false;

    public Task? Run(Activation activation)
    {
        var closing = activation.RunClosingHookAsync();
        if (!closing.IsCompleted)
        {
            return closing;
        }

        activation.Closed();
        return null;
    }

    public void Ended(Activation activation, Task outcome) => activation.Closed();

    public void MoveOn()
    {
    }

    public void Fail(Exception error)
    {
    }
}
