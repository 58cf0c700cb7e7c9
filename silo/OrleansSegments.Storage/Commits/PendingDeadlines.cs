using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Commits;

/// <summary>A piece of a bulk of deadlines that waits for a commit.</summary>
internal sealed class PendingDeadlines(ArraySegment<DeadlineUpdate> updates) : PendingWork
{
    private const int BytesPerUpdate = 120;

    public ArraySegment<DeadlineUpdate> Updates => updates;

    public override int Changes => updates.Count;

    public override int Bytes => BytesPerUpdate * updates.Count;
}
