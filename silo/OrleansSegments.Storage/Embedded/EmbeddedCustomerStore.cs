using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Totals;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Storage.Embedded;

/// <summary>
/// The customers of one data folder: queues changes for the commit thread and reads from the database. Single customers are read on the
/// caller's thread, which takes microseconds; pages are read on the thread pool.
/// </summary>
internal sealed class EmbeddedCustomerStore(
    StoreFiles files, StoreMemory memory, CommitQueue queue, WriteStalls stalls, StoreContext context, Func<ValueTask> close) : ICustomerStore
{
    private const int DeadlinesPerPiece = 4_096;

    public SegmentTotals Totals => memory.Totals.Current;

    public long? EarliestDeadlineMilliseconds => memory.EarliestDeadline.Milliseconds;

    public StoreHealth Health => new(
        context.Condition.Problem is null,
        context.Condition.Problem,
        queue.ChangesWaiting,
        stalls.Current,
        context.Condition.Commits,
        context.Condition.ChangesCommitted,
        context.Condition.TransitionsCommitted);

    public ValueTask<CustomerRecord?> ReadAsync(string customerId, CancellationToken cancellationToken)
    {
        CustomerId.ThrowIfUnfit(customerId);
        return new(files.Read(CustomerReads.Find, customerId));
    }

    public ValueTask<IReadOnlyList<CustomerRecord?>> ReadManyAsync(IReadOnlyList<string> customerIds, CancellationToken cancellationToken)
    {
        foreach (var customerId in customerIds)
        {
            CustomerId.ThrowIfUnfit(customerId);
        }

        return customerIds.Count == 0 ? new([]) : OnPool(CustomerReads.FindMany, customerIds, cancellationToken);
    }

    public ValueTask<IReadOnlyList<ulong>> FindMessagesAsync(string customerId, ulong[] keys, uint nowMinutes, CancellationToken cancellationToken)
    {
        CustomerId.ThrowIfUnfit(customerId);
        return new(files.Read(MessageRow.Find, (memory.MessageDays, customerId, keys, nowMinutes)));
    }

    public void Commit(CustomerChange change, ICommitListener listener)
    {
        CustomerId.ThrowIfUnfit(change);
        queue.AddOrRefuse(change, listener);
    }

    public async ValueTask UpdateDeadlinesAsync(IReadOnlyList<DeadlineUpdate> updates, CancellationToken cancellationToken)
    {
        var all = updates.ToArray();
        var size = Math.Min(DeadlinesPerPiece, context.Options.CommitLimits.CommitChangesMax);
        for (var start = 0; start < all.Length; start += size)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await UpdateAsync(new ArraySegment<DeadlineUpdate>(all, start, Math.Min(size, all.Length - start)), areExact: false);
        }
    }

    public ValueTask<IReadOnlyList<StoredCustomer>> ScanAsync(string? afterId, int limit, CancellationToken cancellationToken) =>
        OnPool(CustomerReads.Scan, (afterId, Checked(limit)), cancellationToken);

    public ValueTask<IReadOnlyList<string>> ReadCutsAsync(int parts, CancellationToken cancellationToken) =>
        OnPool(CutReads.Read, Checked(parts), cancellationToken);

    public ValueTask<IReadOnlyList<string>> ReadMembersAsync(int segmentId, string? afterId, int limit, CancellationToken cancellationToken) =>
        OnPool(CustomerReads.Members, (segmentId, afterId, Checked(limit)), cancellationToken);

    public ValueTask<ICustomerSnapshot> TakeSnapshotAsync(CancellationToken cancellationToken) => new(EmbeddedSnapshot.Take(files));

    public ValueTask<IReadOnlyList<string>> FindByTraitAsync(string trait, string value, string? afterId, int limit, CancellationToken cancellationToken) =>
        OnPool(CustomerReads.WithTrait, (trait, value, afterId, Checked(limit)), cancellationToken);

    public async ValueTask<IReadOnlyList<DueCustomer>> ReadDueAsync(long untilMilliseconds, int limit, CancellationToken cancellationToken)
    {
        Checked(limit);
        while (untilMilliseconds >= (memory.EarliestDeadline.Milliseconds ?? CustomerRow.Never))
        {
            var page = await OnPool(DueReads.Read, (memory.EarliestDeadline, untilMilliseconds, limit), cancellationToken);
            var mending = page.ListedEarly.Count == 0 ? Task.CompletedTask : UpdateAsync(page.ListedEarly.ToArray(), areExact: true);
            if (page.IsWhole)
            {
                // The correction need not succeed: entries that stay too early are found again.
                _ = mending.ContinueWith(static ended => ended.Exception, TaskScheduler.Default);
                return page.Due;
            }

            await mending;
        }

        return [];
    }

    public ValueTask<IReadOnlyList<Transition>> ReadTransitionsAsync(long afterSequence, int limit, CancellationToken cancellationToken)
    {
        Checked(limit);
        var last = memory.Totals.Current.Sequence;
        return afterSequence >= last ? new([]) : OnPool(TransitionReads.After, (Math.Max(afterSequence, 0), last, limit), cancellationToken);
    }

    public ValueTask<IReadOnlyList<Transition>> ReadTransitionsBackAsync(long beforeSequence, int limit, CancellationToken cancellationToken) =>
        OnPool(TransitionReads.Before, (Math.Min(beforeSequence, memory.Totals.Current.Sequence + 1), Checked(limit)), cancellationToken);

    public ValueTask<IReadOnlyList<Transition>> ReadHistoryAsync(string customerId, int limit, CancellationToken cancellationToken)
    {
        CustomerId.ThrowIfUnfit(customerId);
        return OnPool(TransitionReads.Of, (customerId, Checked(limit)), cancellationToken);
    }

    public ValueTask WaitForTransitionsAsync(long afterSequence, CancellationToken cancellationToken) =>
        memory.Totals.WaitBeyondAsync(afterSequence, cancellationToken);

    /// <summary>Closes the whole store, control documents included.</summary>
    public ValueTask DisposeAsync() => close();

    private async Task UpdateAsync(ArraySegment<DeadlineUpdate> updates, bool areExact)
    {
        var work = new PendingDeadlines(updates, areExact);
        if (queue.Add(work, isLimited: false) != CommitAdmission.Waiting || await work.Outcome != CommitOutcome.Committed)
        {
            throw new StoreException(context.Condition.Problem ?? $"The store in {context.Folder.Path} is closed.");
        }
    }

    private ValueTask<T> OnPool<TAsk, T>(Func<Database, TAsk, T> read, TAsk ask, CancellationToken cancellationToken) =>
        new(Task.Run(() => files.Read(read, ask), cancellationToken));

    private static int Checked(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return limit;
    }
}
