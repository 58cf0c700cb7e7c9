using System.Text;
using Npgsql;
using OrleansSegments.Storage.Control;
using OrleansSegments.Storage.Postgres.Connections;

namespace OrleansSegments.Storage.Postgres.Control;

/// <summary>Documents in a table of their own, one statement and transaction each.</summary>
internal sealed class PostgresControlStateStore(ReadPool pool) : IControlStateStore
{
    private const string ReadSql = "SELECT version, content FROM documents WHERE kind = $1 AND key = $2";
    private const string ReadAllSql = "SELECT version, content, key FROM documents WHERE kind = $1 ORDER BY key";
    private const string InsertSql = "INSERT INTO documents VALUES ($1, $2, 1, $3) ON CONFLICT DO NOTHING";
    private const string UpdateSql = "UPDATE documents SET version = version + 1, content = $3 WHERE kind = $1 AND key = $2 AND version = $4";
    private const string RemoveSql = "DELETE FROM documents WHERE kind = $1 AND key = $2 AND version = $3";

    public ValueTask<ControlDocument?> ReadAsync(string kind, string key, CancellationToken cancellationToken) =>
        pool.ReadAsync(Read, (kind, key), cancellationToken);

    public ValueTask<IReadOnlyList<ControlDocument>> ReadAllAsync(string kind, CancellationToken cancellationToken) =>
        pool.ReadAsync(ReadAll, kind, cancellationToken);

    public ValueTask<bool> TryWriteAsync(
        string kind, string key, long expectedVersion, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        expectedVersion == 0
            ? Change(InsertSql, [Utf8(kind), Utf8(key), content], cancellationToken)
            : Change(UpdateSql, [Utf8(kind), Utf8(key), content, expectedVersion], cancellationToken);

    public async ValueTask<bool> TryRemoveAsync(string kind, string key, long expectedVersion, CancellationToken cancellationToken) =>
        expectedVersion == 0
            ? await ReadAsync(kind, key, cancellationToken) is null
            : await Change(RemoveSql, [Utf8(kind), Utf8(key), expectedVersion], cancellationToken);

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static async Task<ControlDocument?> Read(NpgsqlConnection connection, (string Kind, string Key) name, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(ReadSql, Utf8(name.Kind), Utf8(name.Key));
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        return await rows.ReadAsync(cancellationToken)
            ? new ControlDocument(name.Kind, name.Key, rows.GetInt64(0), rows.GetFieldValue<byte[]>(1))
            : null;
    }

    private static async Task<IReadOnlyList<ControlDocument>> ReadAll(NpgsqlConnection connection, string kind, CancellationToken cancellationToken)
    {
        var documents = new List<ControlDocument>();
        await using var command = connection.Command(ReadAllSql, Utf8(kind));
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            var key = Encoding.UTF8.GetString(rows.GetFieldValue<byte[]>(2));
            documents.Add(new ControlDocument(kind, key, rows.GetInt64(0), rows.GetFieldValue<byte[]>(1)));
        }

        return documents;
    }

    private ValueTask<bool> Change(string sql, object[] values, CancellationToken cancellationToken) => pool.WriteAsync(
        static async (connection, change, cancellation) =>
        {
            await using var command = connection.Command(change.Sql, change.Values);
            return await command.ExecuteNonQueryAsync(cancellation) > 0;
        },
        (Sql: sql, Values: values),
        cancellationToken);
}
