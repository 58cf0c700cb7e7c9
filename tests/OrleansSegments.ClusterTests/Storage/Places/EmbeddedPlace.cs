using Microsoft.Extensions.Logging.Abstractions;
using OrleansSegments.Storage.Embedded;
using OrleansSegments.Storage.Faults;

namespace OrleansSegments.ClusterTests.Storage.Places;

/// <summary>A data folder of the embedded store.</summary>
internal sealed class EmbeddedPlace : IStorePlace
{
    private readonly List<string> _folders = [NewFolder()];

    // A copy file by file is the state of one instant only while nothing but the held commit thread would write: a flush is waited for.
    private readonly Lock _files = new();

    public bool CanBeShared => false;

    /// <summary>The folder that the next store is opened on.</summary>
    public string Folder => _folders[^1];

    public static Task<IStorePlace> NewAsync() => Task.FromResult<IStorePlace>(new EmbeddedPlace());

    public async Task<StoreRun> OpenAsync(StoreSettings? settings = null, FaultPoint? fault = null, bool isShared = false)
    {
        var options = new EmbeddedStoreOptions { Folder = Folder };
        options.CommitChangesMax = settings?.CommitChangesMax ?? options.CommitChangesMax;
        options.CommitBytesMax = settings?.CommitBytesMax ?? options.CommitBytesMax;
        options.ChangesWaitingMax = settings?.ChangesWaitingMax ?? options.ChangesWaitingMax;
        options.BytesWaitingMax = settings?.BytesWaitingMax ?? options.BytesWaitingMax;
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
        var copy = NewFolder();
        lock (_files)
        {
            foreach (var file in Directory.GetFiles(Folder, "*", SearchOption.AllDirectories))
            {
                // The lock dies with its holder.
                var name = Path.GetRelativePath(Folder, file);
                if (name != DataFolder.LockFile)
                {
                    Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(copy, name))!);
                    File.Copy(file, Path.Combine(copy, name));
                }
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
