using OrleansSegments.Grains.Silos;

namespace OrleansSegments.Silo.Hosting;

/// <summary>The membership of the local flavour: this process, always.</summary>
internal sealed class LoneSilo : ISiloMembership
{
    private const string Name = "local";

    public SiloView Current { get; } = new(Name, [Name]);
}
