using OrleansSegments.ClusterTests.Storage.Places;

namespace OrleansSegments.ClusterTests.Storage.Limits;

public sealed class PostgresLimitTests : LimitConformance
{
    private protected override Task<IStorePlace> NewPlaceAsync() => PostgresPlace.NewAsync();
}
