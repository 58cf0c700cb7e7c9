namespace OrleansSegments.Engine.Clustering;

/// <summary>What a training does about a segment that has become very small.</summary>
public enum StarvationVerdict
{
    /// <summary>Big enough.</summary>
    Healthy,

    /// <summary>Too small for the first time: its old centre stays, so that a quiet week does not end an identity.</summary>
    KeepOldCentre,

    /// <summary>Too small again: its identity ends, its centre moves to where it lowers inertia most.</summary>
    Retire,
}
