using Npgsql;
using NpgsqlTypes;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Postgres.Commits;

/// <summary>The statement that logs a commit's transitions, moves the totals of the lane's slot and sets its clock.</summary>
internal sealed class TransitionWrite
{
    // Totals in the order of segments, so that two writers of one slot wait for each other and never both.
    private const string Sql =
        """
        WITH log AS (
            INSERT INTO transitions(sequence, customer_id, from_segment_id, to_segment_id, cause, model_version, occurred_at)
            SELECT ((sequence_base + pg_current_xact_id()::text::bigint) << 16) + n.ordinal - 1,
                n.customer_id, n.from_segment_id, n.to_segment_id, n.cause, n.model_version, n.occurred_at
            FROM store_settings, unnest($3, $4, $5, $6, $7, $8) WITH ORDINALITY
                n(customer_id, from_segment_id, to_segment_id, cause, model_version, occurred_at, ordinal)
        ), totals AS (
            INSERT INTO segment_totals AS t (slot, segment_id, size)
            SELECT $1, n.segment_id, n.moved FROM unnest($9, $10) n(segment_id, moved) ORDER BY n.segment_id
            ON CONFLICT (slot, segment_id) DO UPDATE SET size = t.size + excluded.size
        )

        """ + ClockWrite.Sql;

    private readonly Column<ReadOnlyMemory<byte>> _ids;
    private readonly Column<int?> _froms;
    private readonly Column<int> _tos;
    private readonly Column<short> _causes;
    private readonly Column<int> _models;
    private readonly Column<long> _moments;
    private readonly ClockWrite _clock;
    private readonly Column<int> _segments;
    private readonly Column<long> _moves;
    private readonly SortedDictionary<int, long> _moveBySegment = [];

    public TransitionWrite(LaneSession session)
    {
        Statement = session.Command(Sql);
        var parameters = Statement.Parameters;
        _clock = new ClockWrite(Statement, session.Slot);
        _ids = new(parameters, NpgsqlDbType.Bytea);
        _froms = new(parameters, NpgsqlDbType.Integer);
        _tos = new(parameters, NpgsqlDbType.Integer);
        _causes = new(parameters, NpgsqlDbType.Smallint);
        _models = new(parameters, NpgsqlDbType.Integer);
        _moments = new(parameters, NpgsqlDbType.Bigint);
        _segments = new(parameters, NpgsqlDbType.Integer);
        _moves = new(parameters, NpgsqlDbType.Bigint);
    }

    public NpgsqlCommand Statement { get; }

    public int Count => _ids.Count;

    public void Clear()
    {
        _ids.Clear();
        _froms.Clear();
        _tos.Clear();
        _causes.Clear();
        _models.Clear();
        _moments.Clear();
        _segments.Clear();
        _moves.Clear();
        _moveBySegment.Clear();
    }

    public void Add(CustomerChange change, IdArena arena)
    {
        var (from, to) = (change.PreviousSegmentId, change.Record.SegmentId);
        _ids.Add(arena.Add(change.CustomerId));
        _froms.Add(from);
        _tos.Add(to);
        _causes.Add((short)change.Cause);
        _models.Add(change.Record.ModelVersion);
        _moments.Add(change.OccurredAtMilliseconds);
        _moveBySegment[to] = _moveBySegment.GetValueOrDefault(to) + 1;
        if (from is { } left)
        {
            _moveBySegment[left] = _moveBySegment.GetValueOrDefault(left) - 1;
        }
    }

    /// <summary>Readies the statement once all transitions are added.</summary>
    /// <param name="latestOccurredAt">The latest moment that any change of the commit spoke of, Unix milliseconds.</param>
    public void End(long latestOccurredAt)
    {
        _clock.Set(latestOccurredAt);
        foreach (var (segment, moved) in _moveBySegment)
        {
            if (moved != 0)
            {
                _segments.Add(segment);
                _moves.Add(moved);
            }
        }
    }
}
