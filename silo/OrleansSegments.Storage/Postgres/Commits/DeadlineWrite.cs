using Npgsql;
using NpgsqlTypes;
using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Postgres.Commits;

/// <summary>
/// The statement that replaces deadlines without a new version. It runs after the customers are written: a deadline of a customer that moves
/// on in the same commit no longer finds its version.
/// </summary>
internal sealed class DeadlineWrite
{
    private const string Update =
        """
        UPDATE customers c SET due_at = n.due_at, listed_due_at = least(c.listed_due_at, n.due_at)
        FROM unnest($1, $2, $3) n(customer_id, version, due_at)
        WHERE c.customer_id = n.customer_id AND c.version = n.version
        """;

    private readonly Column<ReadOnlyMemory<byte>> _ids;
    private readonly Column<long> _versions;
    private readonly Column<long?> _dues;
    private readonly SortedDictionary<(string CustomerId, long Version), long?> _latest = new(Comparer<(string CustomerId, long Version)>.Create(
        static (left, right) => CustomerId.Compare(left.CustomerId, right.CustomerId) is var order && order != 0 ? order : left.Version.CompareTo(right.Version)));

    public DeadlineWrite(LaneSession session)
    {
        Statement = session.Command(Update);
        _ids = new(Statement.Parameters, NpgsqlDbType.Bytea);
        _versions = new(Statement.Parameters, NpgsqlDbType.Bigint);
        _dues = new(Statement.Parameters, NpgsqlDbType.Bigint);
    }

    public NpgsqlCommand Statement { get; }

    public void Fill(List<PendingDeadlines> pieces, IdArena arena)
    {
        // Of two deadlines for one version the later one counts; a statement that met a row twice would take either.
        _latest.Clear();
        foreach (var piece in pieces)
        {
            foreach (var update in piece.Updates)
            {
                _latest[(update.CustomerId, update.Version)] = update.DueAtMilliseconds;
            }
        }

        _ids.Clear();
        _versions.Clear();
        _dues.Clear();
        foreach (var ((id, version), dueAt) in _latest)
        {
            _ids.Add(arena.Add(id));
            _versions.Add(version);
            _dues.Add(dueAt);
        }
    }
}
