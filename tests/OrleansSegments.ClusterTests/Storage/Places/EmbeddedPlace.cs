using Microsoft.Extensions.Logging.Abstractions;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Storage.Embedded;
using OrleansSegments.Storage.Faults;

namespace OrleansSegments.ClusterTests.Storage.Places;

/// <summary>A data folder of the embedded store.</summary>
internal sealed class EmbeddedPlace : IStorePlace
{
    private readonly List<TestFolder> _folders = [new()];

    // Files are copied only after a flush requested by a test has ended.
    private readonly Lock _files = new();

    public bool CanBeShared => false;

    /// <summary>The folder on which the next store is opened.</summary>
    public string Folder => _folders[^1].Path;

    public static Task<IStorePlace> NewAsync() => Task.FromResult<IStorePlace>(new EmbeddedPlace());

    public async Task<StoreRun> OpenAsync(StoreSettings? settings = null, FaultPoint? fault = null, bool isShared = false)
    {
        var options = new EmbeddedStoreOptions { Folder = Folder };
        options.CommitLimits = settings?.Of(options.CommitLimits) ?? options.CommitLimits;
        var store = await EmbeddedStore.OpenAsync(options, new StillTime(), NullLogger.Instance, fault ?? (static _ => { }), CancellationToken.None);
        return new StoreRun(store, () => Task.Run(() =>
        {
            lock (_files)
            {
                store.Flush();
            }
        }));
    }

    public void Kill()
    {
        lock (_files)
        {
            _folders.Add(_folders[^1].Copy());
        }
    }

    public ValueTask DisposeAsync()
    {
        _folders.ForEach(folder => folder.Dispose());
        return ValueTask.CompletedTask;
    }
}

/// <summary>A clock that stands still and whose timers never fire.</summary>
internal sealed class StillTime : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new SilentTimer();

    private sealed class SilentTimer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
