using Microsoft.Extensions.Logging.Abstractions;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Embedded;
using OrleansSegments.Storage.Faults;
using OrleansSegments.Storage.Transitions;
using Xunit;

namespace OrleansSegments.UnitTests.Storage;

/// <summary>An open store on a folder, with helper methods for tests.</summary>
internal sealed class StoreRun : IAsyncDisposable
{
    public const long Now = 1_750_000_000_000;

    private StoreRun(EmbeddedStore store) => Store = store;

    public EmbeddedStore Store { get; }

    public ICustomerStore Customers => Store.Customers;

    public static Task<StoreRun> OpenAsync(TemporaryFolder folder, Action<EmbeddedStoreOptions>? configure = null, FaultPoint? fault = null) =>
        OpenAsync(folder.Path, configure, fault);

    public static async Task<StoreRun> OpenAsync(string folder, Action<EmbeddedStoreOptions>? configure = null, FaultPoint? fault = null)
    {
        var options = new EmbeddedStoreOptions { Folder = folder };
        configure?.Invoke(options);
        return new StoreRun(await EmbeddedStore.OpenAsync(
            options, new StillTime(), NullLogger.Instance, fault ?? (static _ => { }), TestContext.Current.CancellationToken));
    }

    public static CustomerChange Change(string id, long version, int? from, int to, long? due = null, int size = 40) => new(
        id,
        from,
        new CustomerRecord(version, to, 3, Now + version, to + 1, (int)version, State(id, version, size)),
        due,
        TransitionCause.Event,
        Now + version);

    public ValueTask<CommitOutcome> CommitAsync(string id, long version, int? from, int to, long? due = null) =>
        Customers.CommitAsync(Change(id, version, from, to, due));

    public async Task CommitAllAsync(IEnumerable<CustomerChange> changes)
    {
        var outcomes = await Task.WhenAll(changes.Select(change => Customers.CommitAsync(change).AsTask()));
        Assert.All(outcomes, outcome => Assert.Equal(CommitOutcome.Committed, outcome));
    }

    public ValueTask<CustomerRecord?> ReadAsync(string id) => Customers.ReadAsync(id, CancellationToken.None);

    public async Task<string[]> MembersAsync(int segmentId, string? afterId = null, int limit = 1000) =>
        [.. await Customers.ReadMembersAsync(segmentId, afterId, limit, CancellationToken.None)];

    public async Task<DueCustomer[]> DueAsync(long until, int limit = 1000) =>
        [.. await Customers.ReadDueAsync(until, limit, CancellationToken.None)];

    public async Task<Transition[]> TransitionsAsync(long after = 0, int limit = 100_000) =>
        [.. await Customers.ReadTransitionsAsync(after, limit, CancellationToken.None)];

    public async Task VerifyAsync() => Assert.Empty(await Store.VerifyAsync(CancellationToken.None));

    public ValueTask DisposeAsync() => Store.DisposeAsync();

    private static byte[] State(string id, long version, int size)
    {
        var state = new byte[size];
        new Random(HashCode.Combine(id.Length, (int)version)).NextBytes(state);
        return state;
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

/// <summary>A folder of its own for one test, removed at the end.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("store-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>RocksDB's files that match a pattern, the newest last.</summary>
    public string[] DatabaseFiles(string pattern) =>
        [.. Directory.GetFiles(this[DataFolder.DatabaseFolder], pattern).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
