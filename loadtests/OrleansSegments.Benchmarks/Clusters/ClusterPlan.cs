namespace OrleansSegments.Benchmarks.Clusters;

/// <param name="EventsPerSecond">Over all silos.</param>
/// <param name="BatchEvents">Events in one request.</param>
/// <param name="WarmUp">Before the training and again before the windows. Every silo compiles for itself, from its own share of the events: three take three times as long.</param>
/// <param name="Silos">How many silos to measure, one after the other; 0 for a silo that is no cluster.</param>
internal sealed record ClusterPlan(int EventsPerSecond, int BatchEvents, int Customers, TimeSpan WarmUp, TimeSpan Window, int Windows, IReadOnlyList<int> Silos);
