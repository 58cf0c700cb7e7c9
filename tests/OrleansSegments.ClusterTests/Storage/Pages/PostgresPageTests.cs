using OrleansSegments.ClusterTests.Storage.Places;

namespace OrleansSegments.ClusterTests.Storage.Pages;

public sealed class PostgresPageTests : PageConformance
{
    private protected override Task<IStorePlace> NewPlaceAsync() => PostgresPlace.NewAsync();
}
