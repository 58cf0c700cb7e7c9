namespace OrleansSegments.Engine.Clustering;

/// <summary>Why the rounds ended.</summary>
public enum LloydStopReason
{
    /// <summary>They did not yet.</summary>
    None,

    /// <summary>Hardly any customer changed cluster.</summary>
    Settled,

    /// <summary>The centres hardly moved.</summary>
    Still,

    /// <summary>The limit of rounds was reached.</summary>
    RoundsExhausted,

    /// <summary>There was no valid customer to learn from.</summary>
    NoRows,
}
