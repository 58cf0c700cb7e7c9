using System.Text;
using Npgsql;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Storage.Postgres.Reads;

/// <summary>Turns rows into what they mean.</summary>
internal static class Rows
{
    public const string RecordColumns = "version, segment_id, model_version, segment_since, settled_segment_id, settled_hour, state";
    public const string TransitionColumns = "sequence, customer_id, from_segment_id, to_segment_id, cause, model_version, occurred_at";

    public static byte[] IdOf(string customerId) => Encoding.UTF8.GetBytes(customerId);

    public static string Id(NpgsqlDataReader row, int column) => Encoding.UTF8.GetString(row.GetFieldValue<byte[]>(column));

    /// <summary>Reads <see cref="RecordColumns"/> from the given column on.</summary>
    public static CustomerRecord Record(NpgsqlDataReader row, int first) => new(
        row.GetInt64(first),
        row.GetInt32(first + 1),
        row.GetInt32(first + 2),
        row.GetInt64(first + 3),
        row.GetInt32(first + 4),
        row.GetInt32(first + 5),
        row.GetFieldValue<byte[]>(first + 6));

    /// <summary>Reads <see cref="TransitionColumns"/>.</summary>
    public static Transition Transition(NpgsqlDataReader row) => new(
        row.GetInt64(0),
        Id(row, 1),
        row.IsDBNull(2) ? null : row.GetInt32(2),
        row.GetInt32(3),
        (TransitionCause)row.GetInt16(4),
        row.GetInt32(5),
        row.GetInt64(6));

    public static async Task<List<T>> ListAsync<T>(this NpgsqlCommand command, Func<NpgsqlDataReader, T> item, CancellationToken cancellationToken)
    {
        var list = new List<T>();
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            list.Add(item(rows));
        }

        return list;
    }
}
