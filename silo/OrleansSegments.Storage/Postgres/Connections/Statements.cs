using Npgsql;

namespace OrleansSegments.Storage.Postgres.Connections;

/// <summary>Statements that are run once in a while, in one line each.</summary>
internal static class Statements
{
    public static void Run(this NpgsqlConnection connection, string sql, params object[] values)
    {
        using var command = connection.Command(sql, values);
        command.ExecuteNonQuery();
    }

    /// <summary>The first column of the first row; null when there is no row or no value.</summary>
    public static object? Ask(this NpgsqlConnection connection, string sql, params object[] values)
    {
        using var command = connection.Command(sql, values);
        return command.ExecuteScalar() is { } value and not DBNull ? value : null;
    }

    public static NpgsqlCommand Command(this NpgsqlConnection connection, string sql, params object[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }
}
