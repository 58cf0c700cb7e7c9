using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Commits;

/// <summary>Work that waits for a commit, and whom to tell.</summary>
internal abstract class PendingWork
{
    public abstract int Changes { get; }

    public abstract int Bytes { get; }

    /// <summary>Called once, by the commit thread or by whoever answers for it.</summary>
    public abstract void Complete(CommitOutcome outcome);
}
