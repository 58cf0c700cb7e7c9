using OrleansSegments.ClusterTests.Storage.Places;

namespace OrleansSegments.ClusterTests.Storage.Pages;

public sealed class SqlitePageTests : PageConformance
{
    private protected override Task<IStorePlace> NewPlaceAsync() => SqlitePlace.NewAsync();
}
