using System.Text;
using Npgsql;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Storage.Postgres;

/// <summary>Converts table rows to records.</summary>
internal static class Rows
{
    public const string RecordColumns = "version, segment_id, model_version, segment_since, settled_segment_id, settled_hour, state";
    public const string TransitionColumns = "sequence, customer_id, from_segment_id, to_segment_id, cause, model_version, occurred_at";

    public static byte[] IdOf(string customerId) => Encoding.UTF8.GetBytes(customerId);

    public static string Id(NpgsqlDataReader row, int column) => Encoding.UTF8.GetString(row.GetFieldValue<byte[]>(column));

    /// <summary>Reads <see cref="RecordColumns"/> after a first column.</summary>
    public static CustomerRecord Record(NpgsqlDataReader row) =>
        new(row.GetInt64(1), row.GetInt32(2), row.GetInt32(3), row.GetInt64(4), row.GetInt32(5), row.GetInt32(6), row.GetFieldValue<byte[]>(7));

    /// <summary>Reads <see cref="TransitionColumns"/>.</summary>
    public static Transition Transition(NpgsqlDataReader row) => new(
        row.GetInt64(0),
        Id(row, 1),
        row.IsDBNull(2) ? null : row.GetInt32(2),
        row.GetInt32(3),
        (TransitionCause)row.GetInt16(4),
        row.GetInt32(5),
        row.GetInt64(6));
}
