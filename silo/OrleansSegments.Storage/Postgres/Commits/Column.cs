using Npgsql;
using NpgsqlTypes;

namespace OrleansSegments.Storage.Postgres.Commits;

/// <summary>One array parameter of a statement, filled anew for each commit without being allocated anew.</summary>
internal sealed class Column<T>
{
    private readonly List<T> _values = [];

    public Column(NpgsqlParameterCollection parameters, NpgsqlDbType type) =>
        parameters.Add(new NpgsqlParameter<List<T>> { TypedValue = _values, NpgsqlDbType = NpgsqlDbType.Array | type });

    public int Count => _values.Count;

    public void Add(T value) => _values.Add(value);

    public void Clear() => _values.Clear();
}
