using System.Text;
using Npgsql;
using OrleansSegments.Storage.Control;

namespace OrleansSegments.Storage.Postgres;

/// <summary>Documents in their own table; each operation is one statement and transaction.</summary>
internal sealed class PostgresControlStateStore(PostgresDatabase database) : IControlStateStore
{
    private const string ReadSql = "SELECT kind, key, version, content FROM documents WHERE kind = $1 AND key = $2";
    private const string ReadAllSql = "SELECT kind, key, version, content FROM documents WHERE kind = $1 ORDER BY key";
    private const string InsertSql = "INSERT INTO documents VALUES ($1, $2, 1, $3) ON CONFLICT DO NOTHING";
    private const string UpdateSql = "UPDATE documents SET version = version + 1, content = $3 WHERE kind = $1 AND key = $2 AND version = $4";
    private const string RemoveSql = "DELETE FROM documents WHERE kind = $1 AND key = $2 AND version = $3";

    public async ValueTask<ControlDocument?> ReadAsync(string kind, string key, CancellationToken cancellationToken) =>
        await database.ListAsync(ReadSql, Document, [Utf8(kind), Utf8(key)], cancellationToken) is [var document] ? document : null;

    public ValueTask<IReadOnlyList<ControlDocument>> ReadAllAsync(string kind, CancellationToken cancellationToken) =>
        database.ListAsync(ReadAllSql, Document, [Utf8(kind)], cancellationToken);

    public ValueTask<bool> TryWriteAsync(
        string kind, string key, long expectedVersion, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        expectedVersion == 0
            ? ChangeAsync(InsertSql, [Utf8(kind), Utf8(key), content], cancellationToken)
            : ChangeAsync(UpdateSql, [Utf8(kind), Utf8(key), content, expectedVersion], cancellationToken);

    public async ValueTask<bool> TryRemoveAsync(string kind, string key, long expectedVersion, CancellationToken cancellationToken) =>
        expectedVersion == 0
            ? await ReadAsync(kind, key, cancellationToken) is null
            : await ChangeAsync(RemoveSql, [Utf8(kind), Utf8(key), expectedVersion], cancellationToken);

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static ControlDocument Document(NpgsqlDataReader row) => new(Rows.Id(row, 0), Rows.Id(row, 1), row.GetInt64(2), row.GetFieldValue<byte[]>(3));

    private async ValueTask<bool> ChangeAsync(string sql, object[] values, CancellationToken cancellationToken) =>
        await database.WriteAsync(connection => connection.RunAsync(sql, values, cancellationToken), cancellationToken) > 0;
}
