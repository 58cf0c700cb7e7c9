using OrleansSegments.LocalRuntime.Calls;

namespace OrleansSegments.LocalRuntime.Activations;

/// <summary>A turn in progress and the task it awaits. Completes as a turn itself.</summary>
internal sealed class AwaitedTurn(Activation activation, ITurn turn, Task task)
{
    public void Complete()
    {
        activation.EndAwait(turn);
        turn.Ended(activation, task);
    }
}
