using OrleansSegments.ClusterTests.Storage.Places;

namespace OrleansSegments.ClusterTests.Storage.Workloads;

public sealed class PostgresWorkloadTests : WorkloadConformance
{
    private protected override Task<IStorePlace> NewPlaceAsync() => PostgresPlace.NewAsync();
}
