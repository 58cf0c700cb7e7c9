namespace OrleansSegments.Benchmarks.Store;

/// <summary>A part of the measurement of one store.</summary>
internal enum StorePhase
{
    /// <summary>As fast as it goes, customers drawn uniformly.</summary>
    Uniform,

    /// <summary>At half of the rate that is asked for, and for long at the one that is to be sustained.</summary>
    Paced,

    /// <summary>As fast as it goes, customers drawn by Zipf's law.</summary>
    Zipf,

    /// <summary>Stopped and started again.</summary>
    Restart,
}
