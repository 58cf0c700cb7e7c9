namespace OrleansSegments.Storage.Customers;

/// <summary>
/// Is told what became of a change. A callback and not a task, because a change is made for every event: a task, its continuation and the hop
/// to a thread that runs it cost more than the commit's share of the event.
/// </summary>
public interface ICommitListener
{
    /// <summary>
    /// Called once for each change, for the changes of one customer in their order. Runs on the store's commit thread, or on the caller's before the
    /// hand-in returns when the change is refused at once. Must neither wait nor throw: every other caller of the commit waits for it.
    /// </summary>
    void Ended(CommitOutcome outcome);
}
