using Microsoft.Extensions.Logging.Abstractions;
using OrleansSegments.Storage;
using OrleansSegments.Storage.Faults;
using OrleansSegments.Storage.Folder;

namespace OrleansSegments.ClusterTests.Storage.Places;

/// <summary>A data folder of the embedded store.</summary>
internal sealed class SqlitePlace : IStorePlace
{
    private readonly List<string> _folders = [NewFolder()];

    public bool CanBeShared => false;

    /// <summary>The folder that the next store is opened on.</summary>
    public string Folder => _folders[^1];

    public static Task<IStorePlace> NewAsync() => Task.FromResult<IStorePlace>(new SqlitePlace());

    public async Task<StoreRun> OpenAsync(StoreSettings? settings = null, FaultPoint? fault = null, bool isShared = false)
    {
        var options = new SqliteStoreOptions { Folder = Folder };
        options.CommitChangesMax = settings?.CommitChangesMax ?? options.CommitChangesMax;
        options.CommitBytesMax = settings?.CommitBytesMax ?? options.CommitBytesMax;
        options.ChangesWaitingMax = settings?.ChangesWaitingMax ?? options.ChangesWaitingMax;
        options.BytesWaitingMax = settings?.BytesWaitingMax ?? options.BytesWaitingMax;

        // Merges run when a test asks for one: a folder is only copied while nothing writes there.
        var store = await SqliteStore.OpenAsync(options, new StillTime(), NullLogger.Instance, fault ?? (static _ => { }), CancellationToken.None);
        return new StoreRun(store, async () =>
        {
            if (!await store.MergeAsync())
            {
                throw new InvalidOperationException(store.Customers.Health.Problem);
            }
        });
    }

    public void Kill()
    {
        var copy = NewFolder();
        foreach (var file in Directory.GetFiles(Folder))
        {
            var name = Path.GetFileName(file);

            // The index of the write-ahead log is shared memory, rebuilt by the next process; the lock dies with its holder.
            if (name != DataFolder.LockFile && !name.EndsWith("-shm", StringComparison.Ordinal))
            {
                File.Copy(file, Path.Combine(copy, name));
            }
        }

        _folders.Add(copy);
    }

    public ValueTask DisposeAsync()
    {
        foreach (var folder in _folders)
        {
            Directory.Delete(folder, recursive: true);
        }

        return ValueTask.CompletedTask;
    }

    private static string NewFolder() => Directory.CreateTempSubdirectory("store-").FullName;
}
