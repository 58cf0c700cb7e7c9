using OrleansSegments.ClusterTests.Storage.Places;

namespace OrleansSegments.ClusterTests.Storage.Feeds;

public sealed class SqliteFeedTests : FeedConformance
{
    private protected override Task<IStorePlace> NewPlaceAsync() => SqlitePlace.NewAsync();
}
