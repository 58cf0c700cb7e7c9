using OrleansSegments.LocalRuntime.Calls;

namespace OrleansSegments.LocalRuntime.Activations;

/// <summary>The first turn of an activation: builds the grain, reads its states, runs its hook.</summary>
internal sealed class StartTurn : ITurn
{
    public static readonly StartTurn Instance = new();

    public bool Interleaves => false;

    public bool IsReadOnly => false;

    public bool CountsAsUse => true;

    public Task? Run(Activation activation)
    {
        var starting = activation.StartAsync();
        if (!starting.IsCompletedSuccessfully)
        {
            return starting;
        }

        activation.Started();
        return null;
    }

    public void Ended(Activation activation, Task outcome)
    {
        if (outcome.IsCompletedSuccessfully)
        {
            activation.Started();
        }
        else
        {
            activation.Abandon(outcome.Exception?.InnerException ?? new TaskCanceledException(outcome));
        }
    }

    public void MoveOn()
    {
    }

    public void Fail(Exception error)
    {
    }
}
