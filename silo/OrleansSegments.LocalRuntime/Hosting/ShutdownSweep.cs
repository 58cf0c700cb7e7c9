using Orleans;
using OrleansSegments.LocalRuntime.Activations;

namespace OrleansSegments.LocalRuntime;

/// <summary>Deactivates everything that has a hook to run, a bounded number at a time. Classes without a hook are just dropped.</summary>
internal sealed class ShutdownSweep(LocalSilo silo)
{
    private static readonly DeactivationReason ShuttingDown = new(DeactivationReasonCode.ShuttingDown, "The silo stops.");

    private readonly List<Task> _inProgress = [];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var grainClass in silo.Catalog.Classes)
        {
            foreach (var activations in grainClass.Parts())
            {
                foreach (var activation in activations.Where(activation => activation is { IsGone: false }))
                {
                    await CloseAsync(grainClass, activation!, cancellationToken);
                }
            }
        }

        await Task.WhenAll(_inProgress).WaitAsync(cancellationToken);
    }

    private async Task CloseAsync(GrainClass grainClass, Activation activation, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!grainClass.HasDeactivationHook && !activation.HasTimers && activation.TryDrop())
        {
            return;
        }

        if (!activation.TryCollect(int.MaxValue, ShuttingDown))
        {
            activation.Close(ShuttingDown);
        }

        var gone = activation.WhenGone();
        if (gone.IsCompleted)
        {
            return;
        }

        _inProgress.Add(gone);
        if (_inProgress.Count >= silo.Options.ShutdownConcurrencyMax)
        {
            await Task.WhenAny(_inProgress).WaitAsync(cancellationToken);
            _inProgress.RemoveAll(task => task.IsCompleted);
        }
    }
}
