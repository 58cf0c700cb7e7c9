namespace OrleansSegments.Storage.Customers;

/// <summary>How the store is doing.</summary>
/// <param name="Writable">False while commits fail; they are tried again when the next change arrives.</param>
/// <param name="Problem">What is wrong and what to do about it; null when writable.</param>
/// <param name="ChangesWaiting">Changes handed in and not yet durable.</param>
/// <param name="Stall">Whether the store is slowed down by work on its files.</param>
/// <param name="Commits">Commits since start.</param>
/// <param name="ChangesCommitted">Changes made durable since start.</param>
/// <param name="TransitionsCommitted">Transitions among them; a sequence counts nothing, for it may have gaps.</param>
public sealed record StoreHealth(
    bool Writable, string? Problem, int ChangesWaiting, WriteStall Stall, long Commits, long ChangesCommitted, long TransitionsCommitted);

/// <summary>Whether writes wait because compaction does not keep up with them.</summary>
public enum WriteStall
{
    None,
    Delayed,
    Stopped,
}

/// <summary>
/// The data folder or the database cannot be used; the message says what, why and the cure. An <see cref="IOException"/>, so that a layer that
/// knows nothing of stores can tell a store that is away for now from a bug.
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
