using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Faults;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Places;

/// <summary>Where the data of one test lie: a folder, or a schema of a database. Stores are opened on it one after another, or side by side.</summary>
internal interface IStorePlace : IAsyncDisposable
{
    /// <summary>Whether several stores may be open on the same data.</summary>
    bool CanBeShared { get; }

    /// <summary>
    /// Opens a store on the data as they are now. A store that is open already and was not killed must be closed first, unless both are shared.
    /// </summary>
    /// <param name="fault">Called at every step of a commit, on the thread that takes it.</param>
    Task<StoreRun> OpenAsync(StoreSettings? settings = null, FaultPoint? fault = null, bool isShared = false);

    /// <summary>
    /// What a kill of the process would do at this instant: the next store opened finds what had reached the disk, and whatever the
    /// killed stores still do reaches nothing. The caller holds the thread of the step in question.
    /// </summary>
    void Kill();
}

/// <summary>The limits that both kinds of store have, under the same names; null leaves the default.</summary>
internal sealed record StoreSettings
{
    public int? CommitChangesMax { get; init; }

    public int? CommitBytesMax { get; init; }

    public int? ChangesWaitingMax { get; init; }

    public long? BytesWaitingMax { get; init; }

    /// <summary>Where the kind has any.</summary>
    public int? CommitLanes { get; init; }

    public CommitLimits Of(CommitLimits usual) => usual with
    {
        CommitChangesMax = CommitChangesMax ?? usual.CommitChangesMax,
        CommitBytesMax = CommitBytesMax ?? usual.CommitBytesMax,
        ChangesWaitingMax = ChangesWaitingMax ?? usual.ChangesWaitingMax,
        BytesWaitingMax = BytesWaitingMax ?? usual.BytesWaitingMax,
    };
}

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
