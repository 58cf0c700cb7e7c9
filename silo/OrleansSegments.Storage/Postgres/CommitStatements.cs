using System.Text;
using Npgsql;
using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Postgres;

/// <summary>
/// The statements of a commit. Each takes its rows as one array per column. "No deadline" is sent as the largest number, because an array
/// of nullable numbers would be large enough for the large object heap.
/// </summary>
internal static class CommitStatements
{
    private const string Due = "nullif(n.due_at, 9223372036854775807)";

    private const string InsertSql =
        $"""
        INSERT INTO customers(customer_id, version, segment_id, model_version, segment_since, settled_segment_id, settled_hour, due_at, listed_due_at, state)
        SELECT customer_id, version, segment_id, model_version, segment_since, settled_segment_id, settled_hour, {Due}, {Due}, state
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
            n(customer_id, version, segment_id, model_version, segment_since, settled_segment_id, settled_hour, due_at, state)
        ON CONFLICT DO NOTHING
        """;

    private const string UpdateSql =
        $"""
        UPDATE customers c SET version = n.version, segment_id = n.segment_id, model_version = n.model_version, segment_since = n.segment_since,
            settled_segment_id = n.settled_segment_id, settled_hour = n.settled_hour, due_at = {Due},
            listed_due_at = least(c.listed_due_at, {Due}), state = n.state
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            n(customer_id, version, segment_id, model_version, segment_since, settled_segment_id, settled_hour, due_at, state,
              expected_version, expected_segment_id)
        WHERE c.customer_id = n.customer_id AND c.version = n.expected_version AND c.segment_id = n.expected_segment_id
        """;

    // Rows written by this transaction have its id as xmin.
    private const string RefusedSql =
        """
        SELECT (n.ordinal - 1)::int FROM unnest($1, $2) WITH ORDINALITY n(customer_id, version, ordinal)
        WHERE NOT EXISTS (
            SELECT FROM customers c WHERE c.customer_id = n.customer_id AND c.version = n.version AND c.xmin = pg_current_xact_id()::xid)
        """;

    private const string DeadlinesSql =
        $"""
        UPDATE customers c SET due_at = {Due}, listed_due_at = least(c.listed_due_at, {Due})
        FROM unnest($1, $2, $3) n(customer_id, version, due_at)
        WHERE c.customer_id = n.customer_id AND c.version = n.version
        """;

    // An existing row with this key expired days ago.
    private const string MessagesSql =
        """
        INSERT INTO messages (customer_id, key, slot, until_minutes) SELECT * FROM unnest($1, $2, $3, $4)
        ON CONFLICT (customer_id, key, slot) DO UPDATE SET until_minutes = excluded.until_minutes
        """;

    // The entries to remove and those to add are different ones, so that it does not matter which comes first.
    private const string TraitsSql =
        """
        WITH n AS (SELECT * FROM unnest($1, $2, $3, $4) n(trait, value, customer_id, is_added)), gone AS (
            DELETE FROM traits t USING n WHERE NOT n.is_added AND t.trait = n.trait AND t.value = n.value AND t.customer_id = n.customer_id
        )
        INSERT INTO traits (trait, value, customer_id) SELECT trait, value, customer_id FROM n WHERE is_added ON CONFLICT DO NOTHING
        """;

    // Totals are updated in segment order, so that two writers of one slot cannot deadlock.
    private const string LogSql =
        """
        WITH log AS (
            INSERT INTO transitions(sequence, customer_id, from_segment_id, to_segment_id, cause, model_version, occurred_at)
            SELECT ((sequence_base + pg_current_xact_id()::text::bigint) << 16) + n.ordinal - 1,
                n.customer_id, n.from_segment_id, n.to_segment_id, n.cause, n.model_version, n.occurred_at
            FROM store_settings, unnest($3, $4, $5, $6, $7, $8) WITH ORDINALITY
                n(customer_id, from_segment_id, to_segment_id, cause, model_version, occurred_at, ordinal)
        ), totals AS (
            INSERT INTO segment_totals AS t (slot, segment_id, size)
            SELECT $1, segment_id, sum(moved) FROM (SELECT unnest($5), 1 UNION ALL SELECT unnest($4), -1) m(segment_id, moved)
            WHERE segment_id >= 0 GROUP BY segment_id HAVING sum(moved) <> 0 ORDER BY segment_id
            ON CONFLICT (slot, segment_id) DO UPDATE SET size = t.size + excluded.size
        )
        INSERT INTO writer_clocks AS w (slot, latest_occurred_at) VALUES ($1, $2)
        ON CONFLICT (slot) DO UPDATE SET latest_occurred_at = greatest(w.latest_occurred_at, excluded.latest_occurred_at)
        """;

    public static NpgsqlBatchCommand Begin() => new("BEGIN");

    public static NpgsqlBatchCommand Commit() => new("COMMIT");

    public static NpgsqlBatchCommand Insert(ReadOnlySpan<CustomerChain> chains) => Statement(InsertSql, Records(chains));

    /// <summary>Updates the customers whose stored version and segment match their chains.</summary>
    public static NpgsqlBatchCommand Update(ReadOnlySpan<CustomerChain> chains) => Statement(
        UpdateSql,
        [
            .. Records(chains),
            Column(chains, static chain => chain.First.Record.Version - 1),
            Column(chains, static chain => chain.First.PreviousSegmentId ?? 0),
        ]);

    /// <summary>Finds the indices of the chains that this transaction did not write.</summary>
    public static NpgsqlBatchCommand Refused(ReadOnlySpan<CustomerChain> chains) => Statement(
        RefusedSql, Column(chains, static chain => chain.Id), Column(chains, static chain => chain.Last.Record.Version));

    /// <summary>
    /// Replaces deadlines without new versions. Must come after the customers and after <see cref="Refused"/>: the deadline of a customer
    /// that changes in the same commit then no longer matches its version, and a replaced deadline marks its row as written by this
    /// transaction.
    /// </summary>
    public static NpgsqlBatchCommand Deadlines(List<PendingDeadlines> pieces)
    {
        // Of two deadlines for one version the later update wins; UPDATE ... FROM with duplicate rows would pick an arbitrary one.
        var latest = new Dictionary<(string CustomerId, long Version), DeadlineUpdate>();
        foreach (var update in pieces.SelectMany(static piece => piece.Updates))
        {
            latest[(update.CustomerId, update.Version)] = update;
        }

        DeadlineUpdate[] updates = [.. latest.Values];
        Array.Sort(updates, static (left, right) => CustomerId.Compare(left.CustomerId, right.CustomerId));
        return Statement(
            DeadlinesSql,
            Array.ConvertAll(updates, static update => Rows.IdOf(update.CustomerId)),
            Array.ConvertAll(updates, static update => update.Version),
            Array.ConvertAll(updates, static update => update.DueAtMilliseconds ?? long.MaxValue));
    }

    /// <summary>Stores the message ids that the states of the commit no longer remember.</summary>
    public static NpgsqlBatchCommand Messages(SpilledMessage[] messages) => Statement(
        MessagesSql,
        Array.ConvertAll(messages, static message => message.CustomerId),
        Array.ConvertAll(messages, static message => (long)message.Mark.Key),
        Array.ConvertAll(messages, static message => MessageDays.SlotOf(message.Mark)),
        Array.ConvertAll(messages, static message => MessageDays.MinuteOf(message.Mark)));

    /// <summary>Brings the index of traits to what the states of the commit say.</summary>
    public static NpgsqlBatchCommand Traits(IndexedTrait[] traits) => Statement(
        TraitsSql,
        Array.ConvertAll(traits, static trait => Encoding.UTF8.GetBytes(trait.Trait)),
        Array.ConvertAll(traits, static trait => Encoding.UTF8.GetBytes(trait.Value)),
        Array.ConvertAll(traits, static trait => Rows.IdOf(trait.CustomerId)),
        Array.ConvertAll(traits, static trait => trait.IsAdded));

    /// <summary>Appends transitions to the log, updates the slot's totals and sets its clock.</summary>
    /// <param name="latestOccurred">The latest time of the commit's changes, Unix milliseconds.</param>
    public static NpgsqlBatchCommand Log(int slot, long latestOccurred, CustomerChange[] transitions) => Statement(
        LogSql,
        slot,
        latestOccurred,
        Array.ConvertAll(transitions, static change => Rows.IdOf(change.CustomerId)),
        Array.ConvertAll(transitions, static change => change.LeftSegmentId),
        Array.ConvertAll(transitions, static change => change.Record.SegmentId),
        Array.ConvertAll(transitions, static change => (short)change.Cause),
        Array.ConvertAll(transitions, static change => change.Record.ModelVersion),
        Array.ConvertAll(transitions, static change => change.OccurredAtMilliseconds));

    private static object[] Records(ReadOnlySpan<CustomerChain> chains) =>
    [
        Column(chains, static chain => chain.Id),
        Column(chains, static chain => chain.Last.Record.Version),
        Column(chains, static chain => chain.Last.Record.SegmentId),
        Column(chains, static chain => chain.Last.Record.ModelVersion),
        Column(chains, static chain => chain.Last.Record.SegmentSinceMilliseconds),
        Column(chains, static chain => chain.Last.Record.SettledSegmentId),
        Column(chains, static chain => chain.Last.Record.SettledHour),
        Column(chains, static chain => chain.Last.DueAtMilliseconds ?? long.MaxValue),
        Column(chains, static chain => chain.Last.Record.State),
    ];

    private static T[] Column<T>(ReadOnlySpan<CustomerChain> chains, Func<CustomerChain, T> value)
    {
        var column = new T[chains.Length];
        for (var row = 0; row < column.Length; row++)
        {
            column[row] = value(chains[row]);
        }

        return column;
    }

    private static NpgsqlBatchCommand Statement(string sql, params object[] values)
    {
        var statement = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
        {
            statement.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return statement;
    }
}
