using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Postgres.Commits;
using OrleansSegments.Storage.Postgres.Connections;
using OrleansSegments.Storage.Postgres.Reads;
using OrleansSegments.Storage.Postgres.Totals;
using OrleansSegments.Storage.Totals;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Storage.Postgres.Customers;

/// <summary>The customers of one schema: hands changes to the lanes and asks the database for everything else.</summary>
internal sealed class PostgresCustomerStore(
    PostgresContext context, CommitLanes lanes, TotalsRefresh totals, ReadPool pool, MessageDays messages, Func<ValueTask> close)
    : ICustomerStore
{
    private const int DeadlinesPerPiece = 4_096;
    private const int PointQueriesMax = 2;

    private readonly GatheredReads<byte[], CustomerRecord?> _points = new(pool, PointQueriesMax, PointReads.Records);
    private readonly GatheredReads<MessageQuestion, IReadOnlyList<ulong>> _messages = new(pool, PointQueriesMax, PointReads.Messages);

    public SegmentTotals Totals => totals.Totals.Current;

    public long? EarliestDeadlineMilliseconds => totals.EarliestDeadline.Milliseconds;

    public StoreHealth Health
    {
        get
        {
            var problem = context.Condition.Problem;
            return new StoreHealth(
                problem is null,
                problem,
                lanes.ChangesWaiting,
                WriteStall.None,
                context.Condition.Commits,
                context.Condition.ChangesCommitted,
                context.Condition.TransitionsCommitted);
        }
    }

    public ValueTask<CustomerRecord?> ReadAsync(string customerId, CancellationToken cancellationToken)
    {
        CustomerId.ThrowIfUnfit(customerId);
        return _points.ReadAsync(Rows.IdOf(customerId), cancellationToken);
    }

    public async ValueTask<IReadOnlyList<CustomerRecord?>> ReadManyAsync(IReadOnlyList<string> customerIds, CancellationToken cancellationToken) =>
        await Task.WhenAll(customerIds.Select(customerId => ReadAsync(customerId, cancellationToken).AsTask()));

    public ValueTask<IReadOnlyList<ulong>> FindMessagesAsync(string customerId, ulong[] keys, uint nowMinutes, CancellationToken cancellationToken)
    {
        CustomerId.ThrowIfUnfit(customerId);
        return _messages.ReadAsync(new MessageQuestion(Rows.IdOf(customerId), keys, nowMinutes), cancellationToken);
    }

    public void Commit(CustomerChange change, ICommitListener listener)
    {
        CustomerId.ThrowIfUnfit(change.CustomerId);
        ArgumentOutOfRangeException.ThrowIfLessThan(change.Record.Version, 1);
        messages.Note(change.Messages);
        lanes.Of(change.CustomerId).AddOrRefuse(change, listener);
    }

    public async ValueTask UpdateDeadlinesAsync(IReadOnlyList<DeadlineUpdate> updates, CancellationToken cancellationToken)
    {
        var size = Math.Min(DeadlinesPerPiece, context.Options.CommitChangesMax);
        foreach (var piece in updates.Chunk(size))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var works = piece.GroupBy(update => lanes.Of(update.CustomerId)).Select(group => (Queue: group.Key, Work: new PendingDeadlines(group.ToArray())));
            var outcomes = works.Select(work => work.Queue.Add(work.Work, isLimited: false) == CommitAdmission.Waiting
                ? work.Work.Outcome
                : Task.FromResult(CommitOutcome.Unavailable));
            if ((await Task.WhenAll(outcomes)).Any(outcome => outcome != CommitOutcome.Committed))
            {
                throw new StoreException(context.Condition.Problem ?? $"The store at {context.Database.Where} is closed.");
            }
        }
    }

    public ValueTask<IReadOnlyList<StoredCustomer>> ScanAsync(string? afterId, int limit, CancellationToken cancellationToken) =>
        pool.ReadAsync(PageReads.Scan, (afterId, Checked(limit)), cancellationToken);

    public ValueTask<IReadOnlyList<string>> ReadCutsAsync(int parts, CancellationToken cancellationToken) =>
        pool.ReadAsync(CutReads.Read, (Checked(parts), Totals.Population), cancellationToken);

    public ValueTask<IReadOnlyList<string>> ReadMembersAsync(int segmentId, string? afterId, int limit, CancellationToken cancellationToken) =>
        pool.ReadAsync(PageReads.Members, (segmentId, afterId, Checked(limit)), cancellationToken);

    public ValueTask<IReadOnlyList<DueCustomer>> ReadDueAsync(long untilMilliseconds, int limit, CancellationToken cancellationToken) =>
        pool.ReadAsync(DueReads.Read, (totals.EarliestDeadline, untilMilliseconds, Checked(limit)), cancellationToken);

    public ValueTask<IReadOnlyList<Transition>> ReadTransitionsAsync(long afterSequence, int limit, CancellationToken cancellationToken) =>
        pool.ReadAsync(PageReads.Transitions, (afterSequence, Checked(limit)), cancellationToken);

    public ValueTask<IReadOnlyList<Transition>> ReadHistoryAsync(string customerId, int limit, CancellationToken cancellationToken)
    {
        CustomerId.ThrowIfUnfit(customerId);
        return pool.ReadAsync(PageReads.History, (customerId, Checked(limit)), cancellationToken);
    }

    public ValueTask WaitForTransitionsAsync(long afterSequence, CancellationToken cancellationToken) =>
        totals.Totals.WaitBeyondAsync(afterSequence, cancellationToken);

    /// <summary>Closes the whole store, control documents included.</summary>
    public ValueTask DisposeAsync() => close();

    private static int Checked(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return limit;
    }
}
