using OrleansSegments.ClusterTests.Storage.Places;

namespace OrleansSegments.ClusterTests.Storage.Workloads;

public sealed class SqliteWorkloadTests : WorkloadConformance
{
    private protected override Task<IStorePlace> NewPlaceAsync() => SqlitePlace.NewAsync();
}
