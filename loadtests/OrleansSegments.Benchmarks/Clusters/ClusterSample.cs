namespace OrleansSegments.Benchmarks.Clusters;

/// <summary>What one deployment took for the load; lists have one item for each window.</summary>
/// <param name="MicrosecondsPerEvent">Processor time of all silos.</param>
/// <param name="MicrosecondsPerCustomerTrained">Processor time of all silos from the demand for a training to the end of the roll-out.</param>
internal sealed record ClusterSample(
    IReadOnlyList<double> MicrosecondsPerEvent,
    IReadOnlyList<double> EventsPerSecond,
    IReadOnlyList<double> MillisecondsP99,
    double MicrosecondsPerCustomerTrained,
    double ResidentMegabytes);
