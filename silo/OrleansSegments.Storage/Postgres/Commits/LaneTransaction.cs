using Npgsql;
using NpgsqlTypes;

namespace OrleansSegments.Storage.Postgres.Commits;

/// <summary>
/// Writes one commit after the other through a session: the customers; then, once it is known whose changes count, the deadlines, the
/// transitions with the totals, and the end of the transaction. Its arrays are used again for every commit.
/// </summary>
internal sealed class LaneTransaction : IDisposable
{
    // What this transaction wrote has this transaction's id.
    private const string FindRefused =
        """
        SELECT (n.ordinal - 1)::int FROM unnest($1, $2) WITH ORDINALITY n(customer_id, version, ordinal)
        WHERE NOT EXISTS (
            SELECT FROM customers c WHERE c.customer_id = n.customer_id AND c.version = n.version AND c.xmin = pg_current_xact_id()::xid)
        """;

    private readonly LaneSession _session;
    private readonly IdArena _arena = new();
    private readonly CustomerWrite _new;
    private readonly CustomerWrite _known;
    private readonly DeadlineWrite _deadlines;
    private readonly TransitionWrite _transitions;
    private readonly MessageWrite _messages;
    private readonly ClockWrite _clock;
    private readonly NpgsqlCommand _findRefused;
    private readonly Column<ReadOnlyMemory<byte>> _writtenIds;
    private readonly Column<long> _writtenVersions;

    public LaneTransaction(LaneSession session)
    {
        _session = session;
        _new = CustomerWrite.OfNew(session);
        _known = CustomerWrite.OfKnown(session);
        _deadlines = new DeadlineWrite(session);
        _transitions = new TransitionWrite(session);
        _messages = new MessageWrite(session);
        _clock = new ClockWrite(session.Command(ClockWrite.Sql), session.Slot);
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

        _session.Begin();
        var written = Written(_known) + Written(_new);
        if (written < batch.Chains.Length)
        {
            MarkRefused(batch.Chains);
        }
    }

    /// <summary>Writes deadlines, logs the transitions of what counts and moves the totals; says what a commit would make durable.</summary>
    public LaneReceipt Account(LaneBatch batch)
    {
        _transitions.Clear();
        _messages.Clear();
        var changes = 0;
        var latestOccurred = 0L;
        foreach (ref readonly var gathered in batch.Changes)
        {
            if (gathered.IsAccepted)
            {
                var change = gathered.Work.Change;
                changes++;
                latestOccurred = Math.Max(latestOccurred, change.OccurredAtMilliseconds);
                _messages.Add(change, _arena);
                if (change.PreviousSegmentId != change.Record.SegmentId)
                {
                    _transitions.Add(change, _arena);
                }
            }
        }

        if (batch.Deadlines.Count > 0)
        {
            // Not before it is known whose changes count: a deadline marks its row as this transaction's own, as a change does.
            _deadlines.Fill(batch.Deadlines, _arena);
            _session.Run(_deadlines.Statement);
        }

        if (_messages.Count > 0)
        {
            _session.Run(_messages.Statement);
        }

        if (_transitions.Count > 0)
        {
            _transitions.End(latestOccurred);
            _session.Run(_transitions.Statement);
        }
        else if (changes > 0)
        {
            _clock.Set(latestOccurred);
            _session.Run(_clock.Statement);
        }

        ForgetCustomers();
        return new LaneReceipt(changes, _transitions.Count, latestOccurred);
    }

    /// <summary>Makes it durable. When this fails the outcome is unknown.</summary>
    public void Commit() => _session.Commit();

    /// <summary>Writes and commits as little as possible, to learn whether the database takes commits.</summary>
    public void Probe()
    {
        _clock.Set(0);
        _session.Run(_clock.Statement);
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

    private int Written(CustomerWrite write) => write.Count == 0 ? 0 : _session.Run(write.Statement);

    private void MarkRefused(ReadOnlySpan<CustomerChain> chains)
    {
        _writtenIds.Clear();
        _writtenVersions.Clear();
        foreach (var chain in chains)
        {
            _writtenIds.Add(_arena.Add(chain.CustomerId));
            _writtenVersions.Add(chain.Last.Record.Version);
        }

        using var refused = _session.Read(_findRefused);
        while (refused.Read())
        {
            chains[refused.GetInt32(0)].IsRefused = true;
        }
    }
}
