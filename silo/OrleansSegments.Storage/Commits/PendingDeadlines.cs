using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Commits;

/// <summary>A piece of a bulk of deadlines that waits for a commit.</summary>
/// <param name="areExact">Whether the index is to have the customers at these moments and no longer earlier.</param>
internal sealed class PendingDeadlines(ArraySegment<DeadlineUpdate> updates, bool areExact = false) : PendingWork
{
    private const int BytesPerUpdate = 120;

    // The commit thread must not execute the caller's code.
    private readonly TaskCompletionSource<CommitOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<CommitOutcome> Outcome => _outcome.Task;

    public ArraySegment<DeadlineUpdate> Updates => updates;

    public bool AreExact => areExact;

    public override int Changes => updates.Count;

    public override int Bytes => BytesPerUpdate * updates.Count;

    public override void Complete(CommitOutcome outcome) => _outcome.SetResult(outcome);
}
