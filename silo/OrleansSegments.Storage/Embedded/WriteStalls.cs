using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Embedded;

/// <summary>
/// Detects RocksDB write stalls (compaction does not keep up) and then reduces the queue limits, so that callers are refused early instead
/// of waiting behind a full queue and a slow disk.
/// </summary>
internal sealed class WriteStalls : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly StoreFiles _files;
    private readonly WaitingWork _waiting;
    private readonly ITimer _timer;
    private volatile int _current;

    public WriteStalls(StoreFiles files, WaitingWork waiting, TimeProvider time)
    {
        _files = files;
        _waiting = waiting;
        _timer = time.CreateTimer(static self => ((WriteStalls)self!).Look(), this, Interval, Interval);
    }

    public WriteStall Current => (WriteStall)_current;

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        try
        {
            var stall = _files.Read(static (database, _) => Read(database), 0);
            _current = (int)stall;
            _waiting.Narrow(stall != WriteStall.None);
        }
        catch (StoreException)
        {
            // Closed, or waiting for its disk: StoreHealth.Problem has the reason.
        }
    }

    private static WriteStall Read(Database database) =>
        database.Property("rocksdb.is-write-stopped") > 0 ? WriteStall.Stopped
        : database.Property("rocksdb.actual-delayed-write-rate") > 0 ? WriteStall.Delayed
        : WriteStall.None;
}
