namespace OrleansSegments.ClusterTests.Storage.Places;

/// <summary>The clock as it runs, for a store that looks around at intervals.</summary>
internal sealed class RunningTime : TimeProvider;
