namespace OrleansSegments.Grains.Silos;

/// <summary>The silos that are alive, as one of them sees them.</summary>
public sealed class SiloView
{
    private readonly int _index;

    /// <param name="self">The silo that looks; a silo that starts again has another name.</param>
    /// <param name="silos">All that are alive, in any order; without <paramref name="self"/> while it joins or leaves.</param>
    public SiloView(string self, IEnumerable<string> silos)
    {
        Self = self;
        Silos = [.. silos.Distinct().Order(StringComparer.Ordinal)];
        _index = Array.IndexOf(Silos, self);
    }

    public string Self { get; }

    /// <summary>In an order that all silos share.</summary>
    public string[] Silos { get; }

    /// <summary>Whether there is no other silo.</summary>
    public bool IsAlone => Silos.Length == 1 && _index == 0;

    /// <summary>Whether this is the one silo that does what needs doing once in a cluster.</summary>
    public bool IsFirst => _index == 0;

    public bool Includes(string silo) => Array.IndexOf(Silos, silo) >= 0;

    /// <summary>Whether a customer falls to this silo, wherever it is in memory. Of silos that see the same silos, exactly one says yes.</summary>
    public bool Holds(string customerId) =>
        IsAlone || (_index >= 0 && Engine.Clustering.StableHash.Of(customerId) % (ulong)Silos.Length == (ulong)_index);
}
