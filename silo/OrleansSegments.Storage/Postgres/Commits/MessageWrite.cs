using Npgsql;
using NpgsqlTypes;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Postgres.Commits;

/// <summary>The statement that keeps the messages which the states of a commit no longer remember.</summary>
internal sealed class MessageWrite
{
    // What stands there with this key is of days ago.
    private const string Sql =
        """
        INSERT INTO messages (customer_id, key, slot, until_minutes) SELECT * FROM unnest($1, $2, $3, $4)
        ON CONFLICT (customer_id, key, slot) DO UPDATE SET until_minutes = excluded.until_minutes
        """;

    private readonly Column<ReadOnlyMemory<byte>> _ids;
    private readonly Column<long> _keys;
    private readonly Column<short> _slots;
    private readonly Column<int> _untils;

    public MessageWrite(LaneSession session)
    {
        Statement = session.Command(Sql);
        _ids = new(Statement.Parameters, NpgsqlDbType.Bytea);
        _keys = new(Statement.Parameters, NpgsqlDbType.Bigint);
        _slots = new(Statement.Parameters, NpgsqlDbType.Smallint);
        _untils = new(Statement.Parameters, NpgsqlDbType.Integer);
    }

    public NpgsqlCommand Statement { get; }

    public int Count => _ids.Count;

    public void Clear()
    {
        _ids.Clear();
        _keys.Clear();
        _slots.Clear();
        _untils.Clear();
    }

    public void Add(CustomerChange change, IdArena arena)
    {
        if (change.Messages.Length == 0)
        {
            return;
        }

        var id = arena.Add(change.CustomerId);
        foreach (var mark in change.Messages)
        {
            _ids.Add(id);
            _keys.Add((long)mark.Key);
            _slots.Add(MessageDays.SlotOf(mark));
            _untils.Add(MessageDays.MinuteOf(mark));
        }
    }
}
