namespace OrleansSegments.Engine.Lineage;

/// <summary>What became of a segment from one model to the next (the vocabulary of MONIC; Spiliopoulou et al. 2006).</summary>
public enum LineageKind
{
    /// <summary>Keeps its id.</summary>
    Survived,

    /// <summary>Two or more new clusters hold a quarter of its customers each, and at least half together.</summary>
    Split,

    /// <summary>Ended; at least half of its customers are in one segment that goes on under another id.</summary>
    Absorbed,

    /// <summary>Ended; its customers are spread.</summary>
    Vanished,

    /// <summary>New; no old segment's id fits it.</summary>
    Emerged,
}
