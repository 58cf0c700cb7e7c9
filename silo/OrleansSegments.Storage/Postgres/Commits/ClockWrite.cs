using Npgsql;

namespace OrleansSegments.Storage.Postgres.Commits;

/// <summary>What sets the clock of the lane's slot: a statement of its own, or the end of a larger one. Its parameters are the first two.</summary>
internal sealed class ClockWrite
{
    public const string Sql =
        """
        INSERT INTO writer_clocks AS w (slot, latest_occurred_at) VALUES ($1, $2)
        ON CONFLICT (slot) DO UPDATE SET latest_occurred_at = greatest(w.latest_occurred_at, excluded.latest_occurred_at)
        """;

    private readonly NpgsqlParameter<long> _latestOccurredAt = new();

    public ClockWrite(NpgsqlCommand statement, int slot)
    {
        Statement = statement;
        statement.Parameters.Add(new NpgsqlParameter<int> { TypedValue = slot });
        statement.Parameters.Add(_latestOccurredAt);
    }

    public NpgsqlCommand Statement { get; }

    /// <param name="latestOccurredAt">The latest moment that any change of the commit spoke of, Unix milliseconds.</param>
    public void Set(long latestOccurredAt) => _latestOccurredAt.TypedValue = latestOccurredAt;
}
