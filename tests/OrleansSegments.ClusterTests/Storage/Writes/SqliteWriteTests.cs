using OrleansSegments.ClusterTests.Storage.Places;

namespace OrleansSegments.ClusterTests.Storage.Writes;

public sealed class SqliteWriteTests : WriteConformance
{
    private protected override Task<IStorePlace> NewPlaceAsync() => SqlitePlace.NewAsync();
}
