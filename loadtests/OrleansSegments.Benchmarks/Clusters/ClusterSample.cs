namespace OrleansSegments.Benchmarks.Clusters;

/// <summary>What one deployment took for the load; lists have one item for each window.</summary>
/// <param name="MicrosecondsPerEvent">Processor time of all silos.</param>
/// <param name="EmptyMegabytes">Resident memory of all silos before the first customer.</param>
/// <param name="ResidentMegabytes">The same after all of it.</param>
/// <param name="MicrosecondsPerCustomerTrained">Processor time of all silos from the demand for a training to the end of the roll-out.</param>
internal sealed record ClusterSample(
    IReadOnlyList<double> MicrosecondsPerEvent,
    IReadOnlyList<double> EventsPerSecond,
    IReadOnlyList<double> MillisecondsP99,
    double MicrosecondsPerCustomerTrained,
    double EmptyMegabytes,
    double ResidentMegabytes)
{
    /// <summary>Memory that the load brought, for each customer that is live.</summary>
    public double KilobytesPerCustomer(int customers) => (ResidentMegabytes - EmptyMegabytes) * 1_000 / customers;
}
