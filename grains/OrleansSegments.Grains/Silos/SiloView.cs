namespace OrleansSegments.Grains.Silos;

/// <summary>The live silos as one silo sees them.</summary>
public sealed class SiloView
{
    /// <param name="self">The name of this silo; a restarted silo has a new name.</param>
    /// <param name="silos">All live silos in any order; without <paramref name="self"/> while it joins or leaves.</param>
    public SiloView(string self, IEnumerable<string> silos)
    {
        Self = self;
        Silos = [.. silos.Distinct().Order(StringComparer.Ordinal)];
        SelfIndex = Array.IndexOf(Silos, self);
    }

    public string Self { get; }

    /// <summary>Sorted, so that all silos use the same order.</summary>
    public string[] Silos { get; }

    /// <summary>Index of this silo in <see cref="Silos"/>; -1 while it joins or leaves.</summary>
    public int SelfIndex { get; }

    /// <summary>True when there is no other silo.</summary>
    public bool IsAlone => Silos.Length == 1 && SelfIndex == 0;

    /// <summary>True on the one silo that does what must be done once per cluster.</summary>
    public bool IsFirst => SelfIndex == 0;

    public bool Includes(string silo) => Array.IndexOf(Silos, silo) >= 0;

    /// <summary>
    /// True when a customer belongs to this silo, which is where Orleans places it unless it is already active elsewhere. Among silos with
    /// the same view exactly one returns true.
    /// </summary>
    public bool Holds(string customerId) => IsAlone || (SelfIndex >= 0 && OwnerOf(customerId) == SelfIndex);

    /// <summary>Index in <see cref="Silos"/> of the silo that a customer belongs to; requires at least one silo.</summary>
    public int OwnerOf(string customerId) => (int)(Engine.Clustering.StableHash.Of(customerId) % (ulong)Silos.Length);
}

/// <summary>Cluster membership. A silo without a cluster is a cluster of one.</summary>
public interface ISiloMembership
{
    /// <summary>
    /// The current view of this silo; never waits. Two silos may briefly have different views, so nothing that must be exact may depend on
    /// it.
    /// </summary>
    SiloView Current { get; }
}
