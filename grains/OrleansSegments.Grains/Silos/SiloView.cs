namespace OrleansSegments.Grains.Silos;

/// <summary>The silos that are alive, as one of them sees them.</summary>
public sealed class SiloView
{
    /// <param name="self">The silo that looks; a silo that starts again has another name.</param>
    /// <param name="silos">All that are alive, in any order; without <paramref name="self"/> while it joins or leaves.</param>
    public SiloView(string self, IEnumerable<string> silos)
    {
        Self = self;
        Silos = [.. silos.Distinct().Order(StringComparer.Ordinal)];
        SelfIndex = Array.IndexOf(Silos, self);
    }

    public string Self { get; }

    /// <summary>In an order that all silos share.</summary>
    public string[] Silos { get; }

    /// <summary>Where the one that looks stands among them; -1 while it joins or leaves.</summary>
    public int SelfIndex { get; }

    /// <summary>Whether there is no other silo.</summary>
    public bool IsAlone => Silos.Length == 1 && SelfIndex == 0;

    /// <summary>Whether this is the one silo that does what needs doing once in a cluster.</summary>
    public bool IsFirst => SelfIndex == 0;

    public bool Includes(string silo) => Array.IndexOf(Silos, silo) >= 0;

    /// <summary>
    /// Whether a customer falls to this silo, which is where the runtime places it unless it is in memory elsewhere. Of silos that see the same
    /// silos, exactly one says yes.
    /// </summary>
    public bool Holds(string customerId) => IsAlone || (SelfIndex >= 0 && OwnerOf(customerId) == SelfIndex);

    /// <summary>The place in <see cref="Silos"/> of the silo that a customer falls to. There must be a silo.</summary>
    public int OwnerOf(string customerId) => (int)(Engine.Clustering.StableHash.Of(customerId) % (ulong)Silos.Length);
}

/// <summary>Which silos are alive. A silo alone is its own cluster of one.</summary>
public interface ISiloMembership
{
    /// <summary>The silos as this one sees them now. Never waits. For a moment two silos may see different ones, so nothing that must be exact rests on it.</summary>
    SiloView Current { get; }
}
