using Orleans;

namespace OrleansSegments.LocalRuntime.Activations;

/// <summary>
/// Ends activations that nobody has used for their class's age. A sweep does a bounded amount of work and the next one goes on where it
/// stopped, so that millions that become idle together do not stop the process.
/// </summary>
internal sealed class IdleCollector(LocalSilo silo, IReadOnlyList<GrainClass> classes)
{
    private static readonly DeactivationReason Idle = new(DeactivationReasonCode.ActivationIdle, "Nobody used it for its collection age.");

    private readonly Lock _gate = new();
    private int _class;
    private int _part;

    /// <summary>Goes on until the whole directory was seen once or the limit was reached; returns how many activations it ended.</summary>
    public int Sweep(int endedMax)
    {
        lock (_gate)
        {
            var ended = 0;
            for (var seen = 0; seen < classes.Count && ended < endedMax; seen++)
            {
                var grainClass = classes[_class % classes.Count];
                ended += SweepClass(grainClass, endedMax - ended, out var isDone);
                if (isDone)
                {
                    _class = (_class + 1) % classes.Count;
                    _part = 0;
                }
            }

            return ended;
        }
    }

    private int SweepClass(GrainClass grainClass, int endedMax, out bool isDone)
    {
        isDone = true;
        if (grainClass.CollectionAgeSeconds == int.MaxValue)
        {
            return 0;
        }

        var lastUsedMax = silo.Seconds - grainClass.CollectionAgeSeconds;
        var ended = 0;
        foreach (var activations in grainClass.Parts().Skip(_part))
        {
            foreach (var activation in activations)
            {
                if (ended >= endedMax)
                {
                    isDone = false;
                    return ended;
                }

                ended += activation is not null && activation.TryCollect(lastUsedMax, Idle) ? 1 : 0;
            }

            _part++;
        }

        return ended;
    }
}
