using OrleansSegments.Contracts.Models;

namespace OrleansSegments.Grains.Models;

/// <summary>What the model grain keeps.</summary>
public sealed class ModelGrainState
{
    /// <summary>The highest version ever given out, published or refused.</summary>
    public int LastVersion { get; set; }

    /// <summary>The published version; 0 before the first.</summary>
    public int CurrentVersion { get; set; }

    /// <summary>Kept models, oldest first.</summary>
    public List<PublishedModel> Kept { get; set; } = [];

    /// <summary>The roll-out as of its start or its completion.</summary>
    public RolloutProgress? Rollout { get; set; }
}
