using Npgsql;
using NpgsqlTypes;

namespace OrleansSegments.Storage.Postgres.Commits;

/// <summary>
/// Writes one commit after the other through a session, in two round trips each: the customers; then, once it is known whose changes
/// count, the deadlines, the transitions, the totals and the end of the transaction. Its arrays are used again for every commit.
/// </summary>
internal sealed class LaneTransaction : IDisposable
{
    private const string Tell =
        """
        INSERT INTO writer_clocks AS w (slot, latest_occurred_at) VALUES ($1, $2)
        ON CONFLICT (slot) DO UPDATE SET latest_occurred_at = greatest(w.latest_occurred_at, excluded.latest_occurred_at)
        """;

    // What this transaction wrote has this transaction's id.
    private const string FindRefused =
        """
        SELECT (n.ordinal - 1)::int FROM unnest($1, $2) WITH ORDINALITY n(customer_id, version, ordinal)
        WHERE NOT EXISTS (
            SELECT FROM customers c WHERE c.customer_id = n.customer_id AND c.version = n.version AND c.xmin = pg_current_xact_id()::xid)
        """;

    private readonly LaneSession _session;
    private readonly IdArena _arena = new();
    private readonly List<NpgsqlBatchCommand> _statements = [];
    private readonly NpgsqlBatchCommand _begin = new("BEGIN");
    private readonly NpgsqlBatchCommand _commit = new("COMMIT");
    private readonly CustomerWrite _new = CustomerWrite.OfNew();
    private readonly CustomerWrite _known = CustomerWrite.OfKnown();
    private readonly DeadlineWrite _deadlines = new();
    private readonly TransitionWrite _transitions;
    private readonly NpgsqlBatchCommand _clock = new(Tell);
    private readonly NpgsqlParameter<long> _latestOccurred = new();
    private readonly NpgsqlCommand _findRefused;
    private readonly Column<ReadOnlyMemory<byte>> _writtenIds;
    private readonly Column<long> _writtenVersions;

    public LaneTransaction(LaneSession session)
    {
        _session = session;
        _transitions = new TransitionWrite(session.Slot);
        _clock.Parameters.Add(new NpgsqlParameter<int> { TypedValue = session.Slot });
        _clock.Parameters.Add(_latestOccurred);
        _findRefused = session.Command(FindRefused);
        _writtenIds = new(_findRefused.Parameters, NpgsqlDbType.Bytea);
        _writtenVersions = new(_findRefused.Parameters, NpgsqlDbType.Bigint);
    }

    public LaneSession Session => _session;

    /// <summary>Begins the transaction and writes customers; marks the chains that were refused.</summary>
    public void Write(LaneBatch batch)
    {
        ForgetCustomers();
        foreach (var chain in batch.Chains)
        {
            var (first, last) = (chain.First, chain.Last);
            chain.IsRefused = false;
            (chain.IsNew ? _new : _known).Add(
                _arena.Add(first.CustomerId), last.Record, last.DueAtMilliseconds, first.Record.Version - 1, first.PreviousSegmentId ?? 0);
        }

        _statements.Clear();
        _statements.Add(_begin);
        if (_known.Count > 0)
        {
            _statements.Add(_known.Statement);
        }

        if (_new.Count > 0)
        {
            _statements.Add(_new.Statement);
        }

        _session.Send(_statements);
        var written = Written(_known) + Written(_new);
        if (written < batch.Chains.Length)
        {
            MarkRefused(batch.Chains);
        }
    }

    /// <summary>Writes deadlines, logs the transitions of what counts, moves the totals and ends the transaction. When this fails the outcome is unknown.</summary>
    public LaneReceipt Commit(LaneBatch batch)
    {
        _transitions.Clear();
        var changes = 0;
        var latestOccurred = 0L;
        foreach (ref readonly var gathered in batch.Changes)
        {
            if (gathered.IsAccepted)
            {
                var change = gathered.Work.Change;
                changes++;
                latestOccurred = Math.Max(latestOccurred, change.OccurredAtMilliseconds);
                if (change.PreviousSegmentId != change.Record.SegmentId)
                {
                    _transitions.Add(change, _arena);
                }
            }
        }

        _statements.Clear();
        if (batch.Deadlines.Count > 0)
        {
            // Not before it is known whose changes count: a deadline marks its row as this transaction's own, as a change does.
            _deadlines.Fill(batch.Deadlines, _arena);
            _statements.Add(_deadlines.Statement);
        }

        if (_transitions.Count > 0)
        {
            _transitions.End();
            _statements.Add(_transitions.Log);
            _statements.Add(_transitions.Totals);
        }

        if (changes > 0)
        {
            _latestOccurred.TypedValue = latestOccurred;
            _statements.Add(_clock);
        }

        _statements.Add(_commit);
        _session.Send(_statements);
        ForgetCustomers();
        return new LaneReceipt(changes, _transitions.Count, latestOccurred);
    }

    /// <summary>Writes and commits as little as possible, to learn whether the database takes commits.</summary>
    public void Probe()
    {
        _latestOccurred.TypedValue = 0;
        _statements.Clear();
        _statements.Add(_clock);
        _session.Send(_statements);
    }

    public void Dispose()
    {
        _findRefused.Dispose();
        _session.Dispose();
    }

    private void ForgetCustomers()
    {
        _arena.Clear();
        _new.Clear();
        _known.Clear();
    }

    private static int Written(CustomerWrite write) => write.Count == 0 ? 0 : write.Statement.RecordsAffected;

    private void MarkRefused(ReadOnlySpan<CustomerChain> chains)
    {
        _writtenIds.Clear();
        _writtenVersions.Clear();
        foreach (var chain in chains)
        {
            _writtenIds.Add(_arena.Add(chain.CustomerId));
            _writtenVersions.Add(chain.Last.Record.Version);
        }

        using var refused = _findRefused.ExecuteReader();
        while (refused.Read())
        {
            chains[refused.GetInt32(0)].IsRefused = true;
        }
    }
}
