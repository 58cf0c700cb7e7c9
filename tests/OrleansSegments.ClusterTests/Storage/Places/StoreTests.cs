using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Places;

/// <summary>What every kind of store must do: the derived classes say on which kind it is asked.</summary>
public abstract class StoreTests : IAsyncLifetime
{
    private protected IStorePlace Place { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Place = await NewPlaceAsync();

    public async ValueTask DisposeAsync()
    {
        if (Place is not null)
        {
            await Place.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    private protected abstract Task<IStorePlace> NewPlaceAsync();
}
