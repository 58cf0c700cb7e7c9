using OrleansSegments.ClusterTests.Storage.Places;

namespace OrleansSegments.ClusterTests.Storage.Deadlines;

public sealed class PostgresDeadlineTests : DeadlineConformance
{
    private protected override Task<IStorePlace> NewPlaceAsync() => PostgresPlace.NewAsync();
}
