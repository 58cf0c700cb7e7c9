namespace OrleansSegments.LocalRuntime.Activations;

/// <summary>The activations of one stateless worker id: a free one if there is any, else a new one up to the limit, else the least busy.</summary>
internal sealed class WorkerPool(GrainClass grainClass, string key, int workersMax)
{
    private readonly Activation?[] _workers = new Activation?[workersMax];
    private readonly Lock _gate = new();

    public Activation?[] Workers => _workers;

    public Activation Pick()
    {
        Activation? leastBusy = null;
        var hasRoom = false;
        foreach (ref var slot in _workers.AsSpan())
        {
            var worker = Volatile.Read(ref slot);
            if (worker is null or { IsGone: true })
            {
                hasRoom = true;
            }
            else if (worker.IsFree)
            {
                return worker;
            }
            else if (leastBusy is null || worker.WaitingCount < leastBusy.WaitingCount)
            {
                leastBusy = worker;
            }
        }

        return hasRoom ? Add() ?? leastBusy ?? Pick() : leastBusy!;
    }

    private Activation? Add()
    {
        lock (_gate)
        {
            grainClass.Silo.ThrowIfClosed();
            foreach (ref var slot in _workers.AsSpan())
            {
                if (slot is null or { IsGone: true })
                {
                    var worker = new Activation(grainClass, key, ActivationDirectory.HashOf(key));
                    Volatile.Write(ref slot, worker);
                    return worker;
                }
            }

            return null;
        }
    }
}
