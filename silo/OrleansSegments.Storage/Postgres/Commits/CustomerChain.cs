using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Postgres.Commits;

/// <summary>
/// One customer's changes in one commit, each of which expects what the one before it leaves. Only the last record is written; the stored
/// row must be what the first change expects, or none of them counts.
/// </summary>
internal sealed class CustomerChain
{
    public CustomerChange First { get; private set; } = null!;

    public CustomerChange Last { get; private set; } = null!;

    /// <summary>The stored row was not what the first change expects.</summary>
    public bool IsRefused { get; set; }

    public string CustomerId => First.CustomerId;

    public bool IsNew => First.PreviousSegmentId is null;

    public void Begin(CustomerChange first)
    {
        (First, Last) = (first, first);
        IsRefused = false;
    }

    public bool TryAppend(CustomerChange next)
    {
        if (next.Record.Version - 1 != Last.Record.Version || next.PreviousSegmentId != Last.Record.SegmentId)
        {
            return false;
        }

        Last = next;
        return true;
    }

    /// <summary>Lets the changes go, so that a chain that waits for its next use holds no states.</summary>
    public void Clear() => (First, Last) = (null!, null!);
}
