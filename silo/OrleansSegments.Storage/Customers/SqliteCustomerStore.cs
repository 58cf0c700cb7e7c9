using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Reads;
using OrleansSegments.Storage.Totals;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Storage.Customers;

/// <summary>The customers of one data folder: hands changes to the commit thread and lays reads over tables and _memory.</summary>
internal sealed class SqliteCustomerStore(
    UnmergedReads unmerged, CommitQueue queue, ReadPool reads, StoreContext context, Func<ValueTask> close) : ICustomerStore
{
    private const int DeadlinesPerPiece = 4_096;

    private readonly StoreMemory _memory = unmerged.Memory;

    public SegmentTotals Totals => _memory.Totals.Current;

    public long? EarliestDeadlineMilliseconds => _memory.EarliestDeadline.Milliseconds;

    public StoreHealth Health => new(
        context.Condition.IsWritable,
        context.Condition.Problem,
        queue.ChangesWaiting,
        _memory.Unmerged.View.Count,
        context.Condition.Commits,
        context.Condition.ChangesCommitted,
        context.Condition.TransitionsCommitted);

    public ValueTask<CustomerRecord?> ReadAsync(string customerId, CancellationToken cancellationToken)
    {
        CustomerId.ThrowIfUnfit(customerId);
        return unmerged.Find(_memory.KeyOf(customerId, stackalloc byte[CustomerId.Utf8BytesMax])) is { } record
            ? new ValueTask<CustomerRecord?>(record)
            : reads.ReadAsync(CustomerReads.Find, (unmerged, customerId), cancellationToken);
    }

    public void Commit(CustomerChange change, ICommitListener listener)
    {
        CustomerId.ThrowIfUnfit(change.CustomerId);
        ArgumentOutOfRangeException.ThrowIfLessThan(change.Record.Version, 1);
        queue.AddOrRefuse(change, listener);
    }

    public async ValueTask UpdateDeadlinesAsync(IReadOnlyList<DeadlineUpdate> updates, CancellationToken cancellationToken)
    {
        var all = updates.ToArray();
        var size = Math.Min(DeadlinesPerPiece, context.Options.CommitChangesMax);
        for (var start = 0; start < all.Length; start += size)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var work = new PendingDeadlines(new ArraySegment<DeadlineUpdate>(all, start, Math.Min(size, all.Length - start)));
            if (queue.Add(work, isLimited: false) != CommitAdmission.Waiting || await work.Outcome != CommitOutcome.Committed)
            {
                throw new StoreException(context.Condition.Problem ?? $"The store in {context.Folder.Path} is closed.");
            }
        }
    }

    public ValueTask<IReadOnlyList<StoredCustomer>> ScanAsync(string? afterId, int limit, CancellationToken cancellationToken) =>
        reads.ReadAsync(CustomerReads.Scan, (unmerged, afterId, Checked(limit)), cancellationToken);

    /// <summary>One silo has the folder, and nobody to share the work with.</summary>
    public ValueTask<IReadOnlyList<string>> ReadCutsAsync(int parts, CancellationToken cancellationToken) => new([]);

    public ValueTask<IReadOnlyList<string>> ReadMembersAsync(int segmentId, string? afterId, int limit, CancellationToken cancellationToken) =>
        reads.ReadAsync(CustomerReads.Members, (unmerged, segmentId, afterId, Checked(limit)), cancellationToken);

    public ValueTask<IReadOnlyList<DueCustomer>> ReadDueAsync(long untilMilliseconds, int limit, CancellationToken cancellationToken) =>
        untilMilliseconds < (_memory.EarliestDeadline.Milliseconds ?? long.MaxValue)
            ? new ValueTask<IReadOnlyList<DueCustomer>>([])
            : reads.ReadAsync(DueReads.Read, (_memory, untilMilliseconds, Checked(limit)), cancellationToken);

    public ValueTask<IReadOnlyList<Transition>> ReadTransitionsAsync(long afterSequence, int limit, CancellationToken cancellationToken) =>
        afterSequence >= _memory.Totals.Current.Sequence
            ? new ValueTask<IReadOnlyList<Transition>>([])
            : reads.ReadAsync(TransitionReads.After, (_memory.Unmerged, afterSequence, Checked(limit)), cancellationToken);

    public ValueTask<IReadOnlyList<Transition>> ReadHistoryAsync(string customerId, int limit, CancellationToken cancellationToken)
    {
        CustomerId.ThrowIfUnfit(customerId);
        return reads.ReadAsync(TransitionReads.Of, (_memory.Unmerged, customerId, Checked(limit)), cancellationToken);
    }

    public ValueTask WaitForTransitionsAsync(long afterSequence, CancellationToken cancellationToken) =>
        _memory.Totals.WaitBeyondAsync(afterSequence, cancellationToken);

    /// <summary>Closes the whole store, control documents included.</summary>
    public ValueTask DisposeAsync() => close();

    private static int Checked(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return limit;
    }
}
