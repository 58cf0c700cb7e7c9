using OrleansSegments.ClusterTests.Storage.Places;

namespace OrleansSegments.ClusterTests.Storage.Writes;

public sealed class SqliteChainTests : ChainConformance
{
    private protected override Task<IStorePlace> NewPlaceAsync() => SqlitePlace.NewAsync();
}
