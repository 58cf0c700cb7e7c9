using Npgsql;

namespace OrleansSegments.Storage.Postgres;

/// <summary>One-line helpers for running statements.</summary>
internal static class Statements
{
    public static async Task<int> RunAsync(this NpgsqlConnection connection, string sql, object[] values, CancellationToken cancellationToken = default)
    {
        await using var command = connection.Command(sql, values);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The first column of the first row; null when there is no row or the value is NULL.</summary>
    public static async Task<object?> AskAsync(this NpgsqlConnection connection, string sql, object[] values, CancellationToken cancellationToken = default)
    {
        await using var command = connection.Command(sql, values);
        return await command.ExecuteScalarAsync(cancellationToken) is { } value and not DBNull ? value : null;
    }

    /// <param name="limit">Time limit; null for the default of all statements.</param>
    public static async Task<IReadOnlyList<T>> ListAsync<T>(
        this NpgsqlConnection connection,
        string sql,
        Func<NpgsqlDataReader, T> item,
        object[] values,
        TimeSpan? limit = null,
        CancellationToken cancellationToken = default)
    {
        var list = new List<T>();
        await using var command = connection.Command(sql, values);
        command.CommandTimeout = limit is { } time ? (int)time.TotalSeconds : command.CommandTimeout;
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            list.Add(item(rows));
        }

        return list;
    }

    private static NpgsqlCommand Command(this NpgsqlConnection connection, string sql, object[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }
}
