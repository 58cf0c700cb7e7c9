namespace OrleansSegments.Grains.Silos;

/// <summary>Which silos are alive. A silo alone is its own cluster of one.</summary>
public interface ISiloMembership
{
    /// <summary>The silos as this one sees them now. Never waits. For a moment two silos may see different ones, so nothing that must be exact rests on it.</summary>
    SiloView Current { get; }
}
