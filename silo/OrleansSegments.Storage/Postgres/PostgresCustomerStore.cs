using System.Text;
using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Totals;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Storage.Postgres;

/// <summary>The customers of one schema: queues changes for the commit lanes and queries the database for everything else.</summary>
internal sealed class PostgresCustomerStore(
    PostgresContext context, CommitLane[] lanes, WaitingWork waiting, TotalsReader totals, MessageDays messages, Func<ValueTask> close) : ICustomerStore
{
    private const int DeadlinesPerPiece = 4_096;

    /// <summary>Sampled ids per part; the parts' sizes then differ by about a tenth.</summary>
    private const int IdsPerPart = 500;

    private const string TraitSql = "SELECT customer_id FROM traits WHERE trait = $1 AND value = $2 AND customer_id > $3 ORDER BY customer_id LIMIT $4";

    // Samples table pages: takes milliseconds for a million customers.
    private const string SampleSql = "SELECT customer_id FROM customers TABLESAMPLE SYSTEM ($1) ORDER BY customer_id";

    private const string TransitionsSql =
        $"SELECT {Rows.TransitionColumns} FROM transitions WHERE sequence > $1 AND sequence < {TotalsReader.Horizon} ORDER BY sequence LIMIT $2";

    private const string TransitionsBackSql =
        $"SELECT {Rows.TransitionColumns} FROM transitions WHERE sequence < $1 AND sequence < {TotalsReader.Horizon} ORDER BY sequence DESC LIMIT $2";

    private const string HistorySql = $"SELECT {Rows.TransitionColumns} FROM transitions WHERE customer_id = $1 ORDER BY sequence DESC LIMIT $2";

    private readonly PointReads _points = new(context.Database);

    public SegmentTotals Totals => totals.Totals.Current;

    public long? EarliestDeadlineMilliseconds => totals.EarliestDeadline.Milliseconds;

    public StoreHealth Health => context.Condition.Health(waiting.Changes);

    public ValueTask<CustomerRecord?> ReadAsync(string customerId, CancellationToken cancellationToken)
    {
        CustomerId.ThrowIfUnfit(customerId);
        return _points.ReadAsync(customerId, cancellationToken);
    }

    public ValueTask<IReadOnlyList<CustomerRecord?>> ReadManyAsync(IReadOnlyList<string> customerIds, CancellationToken cancellationToken)
    {
        var ids = new byte[customerIds.Count][];
        for (var index = 0; index < ids.Length; index++)
        {
            CustomerId.ThrowIfUnfit(customerIds[index]);
            ids[index] = Rows.IdOf(customerIds[index]);
        }

        return ids.Length == 0 ? new([]) : _points.ReadManyAsync(ids, cancellationToken);
    }

    public ValueTask<IReadOnlyList<ulong>> FindMessagesAsync(string customerId, ulong[] keys, uint nowMinutes, CancellationToken cancellationToken)
    {
        CustomerId.ThrowIfUnfit(customerId);
        return _points.FindMessagesAsync(customerId, keys, nowMinutes, cancellationToken);
    }

    public void Commit(CustomerChange change, ICommitListener listener)
    {
        CustomerId.ThrowIfUnfit(change);
        messages.Note(change.Messages);
        var admission = LaneOf(change.CustomerId).Add(new PendingChange(change, listener), isLimited: true);
        if (admission != CommitAdmission.Waiting)
        {
            listener.Ended(admission == CommitAdmission.Full ? CommitOutcome.Overloaded : CommitOutcome.Unavailable);
        }
    }

    public async ValueTask UpdateDeadlinesAsync(IReadOnlyList<DeadlineUpdate> updates, CancellationToken cancellationToken)
    {
        foreach (var piece in updates.Chunk(Math.Min(DeadlinesPerPiece, context.Options.CommitLimits.CommitChangesMax)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var outcomes = piece.GroupBy(update => LaneOf(update.CustomerId)).Select(static group =>
            {
                var work = new PendingDeadlines(group.ToArray());
                return group.Key.Add(work, isLimited: false) == CommitAdmission.Waiting ? work.Outcome : Task.FromResult(CommitOutcome.Unavailable);
            });
            if ((await Task.WhenAll(outcomes)).Any(static outcome => outcome != CommitOutcome.Committed))
            {
                throw new StoreException(context.Condition.Problem ?? $"The store at {context.Database.Where} is closed.");
            }
        }
    }

    public ValueTask<IReadOnlyList<StoredCustomer>> ScanAsync(string? afterId, int limit, CancellationToken cancellationToken)
    {
        Checked(limit);
        return context.Database.ReadAsync(connection => CustomerPages.ScanAsync(connection, afterId, limit, cancellationToken), cancellationToken);
    }

    public async ValueTask<IReadOnlyList<string>> ReadCutsAsync(int parts, CancellationToken cancellationToken)
    {
        var percent = 100.0 * IdsPerPart * Checked(parts) / Math.Max(1, Totals.Population);
        var ids = await context.Database.ListAsync(SampleSql, static row => Rows.Id(row, 0), [(float)Math.Min(100, percent)], cancellationToken);

        // Empty parts are useless, so a few customers are split into fewer parts.
        return [.. Enumerable.Range(1, parts - 1).Select(part => (int)((long)part * ids.Count / parts)).Where(static place => place > 0).Distinct().Select(place => ids[place - 1])];
    }

    public ValueTask<IReadOnlyList<string>> ReadMembersAsync(int segmentId, string? afterId, int limit, CancellationToken cancellationToken)
    {
        Checked(limit);
        return context.Database.ReadAsync(connection => CustomerPages.MembersAsync(connection, segmentId, afterId, limit, cancellationToken), cancellationToken);
    }

    public async ValueTask<ICustomerSnapshot> TakeSnapshotAsync(CancellationToken cancellationToken) =>
        await PostgresSnapshot.TakeAsync(context.Database, cancellationToken);

    public ValueTask<IReadOnlyList<string>> FindByTraitAsync(string trait, string value, string? afterId, int limit, CancellationToken cancellationToken) =>
        context.Database.ListAsync(
            TraitSql,
            static row => Rows.Id(row, 0),
            [Encoding.UTF8.GetBytes(trait), Encoding.UTF8.GetBytes(value), Rows.IdOf(afterId ?? ""), Checked(limit)],
            cancellationToken);

    public ValueTask<IReadOnlyList<DueCustomer>> ReadDueAsync(long untilMilliseconds, int limit, CancellationToken cancellationToken)
    {
        Checked(limit);
        return context.Database.ReadAsync(
            connection => DueReads.ReadAsync(connection, totals.EarliestDeadline, untilMilliseconds, limit, cancellationToken), cancellationToken);
    }

    public ValueTask<IReadOnlyList<Transition>> ReadTransitionsAsync(long afterSequence, int limit, CancellationToken cancellationToken) =>
        context.Database.ListAsync(TransitionsSql, Rows.Transition, [afterSequence, Checked(limit)], cancellationToken);

    public ValueTask<IReadOnlyList<Transition>> ReadTransitionsBackAsync(long beforeSequence, int limit, CancellationToken cancellationToken) =>
        context.Database.ListAsync(TransitionsBackSql, Rows.Transition, [beforeSequence, Checked(limit)], cancellationToken);

    public ValueTask<IReadOnlyList<Transition>> ReadHistoryAsync(string customerId, int limit, CancellationToken cancellationToken)
    {
        CustomerId.ThrowIfUnfit(customerId);
        return context.Database.ListAsync(HistorySql, Rows.Transition, [Rows.IdOf(customerId), Checked(limit)], cancellationToken);
    }

    public ValueTask WaitForTransitionsAsync(long afterSequence, CancellationToken cancellationToken) =>
        totals.Totals.WaitBeyondAsync(afterSequence, cancellationToken);

    /// <summary>Closes the whole store, control documents included.</summary>
    public ValueTask DisposeAsync() => close();

    private CommitLane LaneOf(string customerId) => lanes[(uint)customerId.GetHashCode(StringComparison.Ordinal) % (uint)lanes.Length];

    private static long Checked(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return limit;
    }
}
