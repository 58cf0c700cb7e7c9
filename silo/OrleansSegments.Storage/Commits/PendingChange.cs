using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Commits;

/// <summary>One customer's change that waits for a commit.</summary>
internal sealed class PendingChange(CustomerChange change, ICommitListener listener) : PendingWork
{
    private const int FixedBytes = 100;
    private const int BytesPerMessage = 16;

    public CustomerChange Change => change;

    public override int Changes => 1;

    // Counted by the caller, in whose caches the change is.
    public override int Bytes { get; } = FixedBytes + (2 * change.CustomerId.Length) + change.Record.State.Length + (BytesPerMessage * change.Messages.Length);

    public override void Complete(CommitOutcome outcome) => listener.Ended(outcome);
}
