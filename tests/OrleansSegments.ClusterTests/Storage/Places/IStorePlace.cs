using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Faults;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Places;

/// <summary>
/// The location of one test's data: a folder, or a schema of a database. Stores are opened on it one after another or concurrently.
/// </summary>
internal interface IStorePlace : IAsyncDisposable
{
    /// <summary>True when several stores may be open on the same data.</summary>
    bool CanBeShared { get; }

    /// <summary>
    /// Opens a store on the current data. An open store that was not killed must be closed first, unless both are shared.
    /// </summary>
    /// <param name="fault">Called at every step of a commit, on the committing thread.</param>
    Task<StoreRun> OpenAsync(StoreSettings? settings = null, FaultPoint? fault = null, bool isShared = false);

    /// <summary>
    /// Has the effect of killing the process at this instant: the next store finds what had reached the disk, and the killed stores can no
    /// longer change anything. The caller blocks the thread of the step in question.
    /// </summary>
    void Kill();
}

/// <summary>The limits that both kinds of store have, under the same names; null for the default.</summary>
internal sealed record StoreSettings
{
    public int? CommitChangesMax { get; init; }

    public int? CommitBytesMax { get; init; }

    public int? ChangesWaitingMax { get; init; }

    public long? BytesWaitingMax { get; init; }

    /// <summary>Only for stores with commit lanes.</summary>
    public int? CommitLanes { get; init; }

    public CommitLimits Of(CommitLimits usual) => usual with
    {
        CommitChangesMax = CommitChangesMax ?? usual.CommitChangesMax,
        CommitBytesMax = CommitBytesMax ?? usual.CommitBytesMax,
        ChangesWaitingMax = ChangesWaitingMax ?? usual.ChangesWaitingMax,
        BytesWaitingMax = BytesWaitingMax ?? usual.BytesWaitingMax,
    };
}

/// <summary>Tests that every kind of store must pass; derived classes choose the kind.</summary>
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
