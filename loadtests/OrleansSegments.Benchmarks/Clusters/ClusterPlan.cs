namespace OrleansSegments.Benchmarks.Clusters;

/// <param name="EventsPerSecond">Over all silos.</param>
internal sealed record ClusterPlan(int EventsPerSecond, int Customers, TimeSpan Window, int Windows);
