namespace OrleansSegments.Storage.Customers;

/// <summary>Health of the store.</summary>
/// <param name="Writable">False while commits fail; the next change is another attempt.</param>
/// <param name="Problem">What is wrong and what to do about it; null when writable.</param>
/// <param name="ChangesWaiting">Changes handed in and not yet durable.</param>
/// <param name="Stall">Write stall caused by compaction that does not keep up.</param>
/// <param name="Commits">Commits since start.</param>
/// <param name="ChangesCommitted">Changes made durable since start.</param>
/// <param name="TransitionsCommitted">Transitions made durable since start; the sequence is no count, because it may have gaps.</param>
public sealed record StoreHealth(
    bool Writable, string? Problem, int ChangesWaiting, WriteStall Stall, long Commits, long ChangesCommitted, long TransitionsCommitted);

/// <summary>RocksDB's write stall: writes are delayed or stopped because compaction does not keep up.</summary>
public enum WriteStall
{
    None,
    Delayed,
    Stopped,
}

/// <summary>
/// Thrown when the data folder or the database cannot be used; the message says what, why and the cure. An <see cref="IOException"/>, so
/// that layers that do not know stores can distinguish an unavailable store from a bug.
/// </summary>
public sealed class StoreException : IOException
{
    public StoreException(string message)
        : base(message)
    {
    }

    public StoreException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
