using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Totals;
using RocksDbSharp;

namespace OrleansSegments.Storage.Embedded;

/// <summary>A RocksDB snapshot: a sequence number that compactions respect. It ends with the database that it was taken of, which a failed write reopens.</summary>
internal sealed class EmbeddedSnapshot : ICustomerSnapshot
{
    private readonly StoreFiles _files;
    private readonly Database _database;
    private readonly Snapshot _snapshot;
    private readonly ReadOptions _instant;
    private bool _isDisposed;

    private EmbeddedSnapshot(StoreFiles files, Database database)
    {
        _files = files;
        _database = database;
        _snapshot = database.Snapshot();

        // What is read once must not evict what is read often.
        _instant = ReadSetup.Of(_snapshot).SetFillCache(false);
        Totals = TotalsRow.Read(database.Find(Keys.Totals, family: null, _instant));
    }

    public SegmentTotals Totals { get; }

    /// <exception cref="StoreException">Thrown when the store is closed or a file cannot be read.</exception>
    public static EmbeddedSnapshot Take(StoreFiles files) => files.Read(static (database, files) => new EmbeddedSnapshot(files, database), files);

    public ValueTask<IReadOnlyList<string>> ReadMembersAsync(int segmentId, string? afterId, int limit, CancellationToken cancellationToken) =>
        ReadAsync(database => CustomerReads.Members(database, (segmentId, afterId, limit), _instant), cancellationToken);

    public ValueTask<IReadOnlyList<StoredCustomer>> ScanAsync(string? afterId, int limit, CancellationToken cancellationToken) =>
        ReadAsync(database => CustomerReads.Scan(database, (afterId, limit), _instant), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        try
        {
            await ReadAsync(
                _ =>
                {
                    _snapshot.Dispose();
                    return true;
                },
                CancellationToken.None);
        }
        catch (StoreException)
        {
            // The database is closed, and its snapshots with it.
        }
    }

    private ValueTask<T> ReadAsync<T>(Func<Database, T> read, CancellationToken cancellationToken) => new(Task.Run(
        () => _files.Read(
            (database, _) => ReferenceEquals(database, _database)
                ? read(database)
                : throw new StoreException("The store was reopened after a failed write, and this reading of one instant ended. Begin it again."),
            0),
        cancellationToken));
}
