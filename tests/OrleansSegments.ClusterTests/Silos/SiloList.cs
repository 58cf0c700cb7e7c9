using OrleansSegments.Grains.Silos;

namespace OrleansSegments.ClusterTests.Silos;

/// <summary>Which silos are alive, as the test says.</summary>
internal sealed class SiloList(params string[] silos)
{
    private volatile string[] _silos = silos;

    public void Join(string silo) => _silos = [.. _silos, silo];

    public void Leave(string silo) => _silos = [.. _silos.Where(other => other != silo)];

    /// <summary>The list as one silo sees it.</summary>
    public ISiloMembership SeenBy(string self) => new Seen(this, self);

    private sealed class Seen(SiloList list, string self) : ISiloMembership
    {
        public SiloView Current => new(self, list._silos);
    }
}
