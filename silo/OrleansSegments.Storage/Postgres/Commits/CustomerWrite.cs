using Npgsql;
using NpgsqlTypes;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Postgres.Commits;

/// <summary>One statement that writes the customers of a commit, as columns: new ones, or known ones whose version and segment must be as expected.</summary>
internal sealed class CustomerWrite
{
    private const string Columns =
        "customer_id, version, segment_id, model_version, segment_since, settled_segment_id, settled_hour, due_at, listed_due_at, state";

    private const string Insert =
        $"""
        INSERT INTO customers({Columns})
        SELECT customer_id, version, segment_id, model_version, segment_since, settled_segment_id, settled_hour, due_at, due_at, state
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
            n(customer_id, version, segment_id, model_version, segment_since, settled_segment_id, settled_hour, due_at, state)
        ON CONFLICT DO NOTHING
        """;

    private const string Update =
        """
        UPDATE customers c SET version = n.version, segment_id = n.segment_id, model_version = n.model_version, segment_since = n.segment_since,
            settled_segment_id = n.settled_segment_id, settled_hour = n.settled_hour, due_at = n.due_at,
            listed_due_at = least(c.listed_due_at, n.due_at), state = n.state
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            n(customer_id, version, segment_id, model_version, segment_since, settled_segment_id, settled_hour, due_at, state,
              expected_version, expected_segment_id)
        WHERE c.customer_id = n.customer_id AND c.version = n.expected_version AND c.segment_id = n.expected_segment_id
        """;

    private readonly Column<ReadOnlyMemory<byte>> _ids;
    private readonly Column<long> _versions;
    private readonly Column<int> _segments;
    private readonly Column<int> _models;
    private readonly Column<long> _sinces;
    private readonly Column<int> _settledSegments;
    private readonly Column<int> _settledHours;
    private readonly Column<long?> _dues;
    private readonly Column<byte[]> _states;
    private readonly Column<long>? _expectedVersions;
    private readonly Column<int>? _expectedSegments;

    private CustomerWrite(LaneSession session, bool isUpdate)
    {
        Statement = session.Command(isUpdate ? Update : Insert);
        var parameters = Statement.Parameters;
        _ids = new(parameters, NpgsqlDbType.Bytea);
        _versions = new(parameters, NpgsqlDbType.Bigint);
        _segments = new(parameters, NpgsqlDbType.Integer);
        _models = new(parameters, NpgsqlDbType.Integer);
        _sinces = new(parameters, NpgsqlDbType.Bigint);
        _settledSegments = new(parameters, NpgsqlDbType.Integer);
        _settledHours = new(parameters, NpgsqlDbType.Integer);
        _dues = new(parameters, NpgsqlDbType.Bigint);
        _states = new(parameters, NpgsqlDbType.Bytea);
        if (isUpdate)
        {
            _expectedVersions = new(parameters, NpgsqlDbType.Bigint);
            _expectedSegments = new(parameters, NpgsqlDbType.Integer);
        }
    }

    public NpgsqlCommand Statement { get; }

    public int Count => _ids.Count;

    public static CustomerWrite OfNew(LaneSession session) => new(session, isUpdate: false);

    public static CustomerWrite OfKnown(LaneSession session) => new(session, isUpdate: true);

    public void Clear()
    {
        _ids.Clear();
        _versions.Clear();
        _segments.Clear();
        _models.Clear();
        _sinces.Clear();
        _settledSegments.Clear();
        _settledHours.Clear();
        _dues.Clear();
        _states.Clear();
        _expectedVersions?.Clear();
        _expectedSegments?.Clear();
    }

    /// <param name="expectedVersion">The version that must be stored; not looked at for new customers.</param>
    public void Add(ReadOnlyMemory<byte> id, CustomerRecord record, long? dueAt, long expectedVersion, int expectedSegmentId)
    {
        _ids.Add(id);
        _versions.Add(record.Version);
        _segments.Add(record.SegmentId);
        _models.Add(record.ModelVersion);
        _sinces.Add(record.SegmentSinceMilliseconds);
        _settledSegments.Add(record.SettledSegmentId);
        _settledHours.Add(record.SettledHour);
        _dues.Add(dueAt);
        _states.Add(record.State);
        _expectedVersions?.Add(expectedVersion);
        _expectedSegments?.Add(expectedSegmentId);
    }
}
