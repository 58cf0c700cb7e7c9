using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Embedded;
using OrleansSegments.Storage.Totals;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Storage.Postgres;

/// <summary>The result of copying one table and reading it back.</summary>
/// <param name="Hash">Sum of the hashes of all rows, independent of their order.</param>
public sealed record CopiedTable(string Name, long Rows, string Hash);

/// <summary>
/// Copies everything of a data folder to an empty schema. Runs in a single transaction, including verification, so a killed copy leaves an
/// empty schema and can simply be started again; no silo can open the schema meanwhile, because the copy holds its lock. Transitions keep
/// their sequences, so log readers continue where they were; the base of later sequences is raised at the next start (<see
/// cref="StoreSchema"/>).
/// </summary>
public static class PostgresImport
{
    private const int PageRows = 4_096;
    private const int ProgressEvery = 1_024;

    /// <summary>Only ends a hanging statement: one statement reads a whole table back.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    /// <exception cref="StoreException">Thrown when the schema is in use or not empty, the database cannot be used, or the copy differs
    /// from the source.</exception>
    public static async Task<IReadOnlyList<CopiedTable>> RunAsync(
        EmbeddedStore source, PostgresStoreOptions options, MoveProgress progress, CancellationToken cancellationToken)
    {
        options.CommandTimeout = Patience;
        await using var database = new PostgresDatabase(options);
        await using var ownership = new SchemaOwnership(database, cluster: null);
        try
        {
            NpgsqlConnection session = await ownership.TakeAsync(cancellationToken);
            await StoreSchema.PrepareAsync(session, database, cancellationToken);
            return await CopyAsync(session, database, source, progress, cancellationToken);
        }
        catch (Exception failure) when (PostgresProblem.IsExpected(failure))
        {
            throw new StoreException($"{database.Explain(failure)} Nothing was copied: start again.", failure);
        }
    }

    private static async Task<IReadOnlyList<CopiedTable>> CopyAsync(
        NpgsqlConnection connection, PostgresDatabase database, EmbeddedStore source, MoveProgress progress, CancellationToken cancellationToken)
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken);
        await RequireEmptyAsync(connection, database, cancellationToken);
        await connection.RunAsync("SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'", [], cancellationToken);
        Table[] tables = TablesOf(source);

        // A table truncated in the same transaction gets a new file, which is deleted at once when the copy fails.
        await connection.RunAsync($"TRUNCATE {string.Join(", ", tables.Select(table => table.Name))}", [], cancellationToken);
        var copied = new List<CopiedTable>();
        foreach (Table table in tables)
        {
            copied.Add(await WriteAsync(connection, table, progress, cancellationToken));
            await connection.RunAsync($"ANALYZE {table.Name}", [], cancellationToken);
        }

        foreach (Table table in tables)
        {
            CopiedTable written = copied.Single(c => c.Name == table.Name);
            CopiedTable found = await ReadBackAsync(connection, table, written.Rows, progress, cancellationToken);
            if (found != written)
            {
                throw new StoreException($"{database.Where} holds {found.Rows} rows of {table.Name} with the hash {found.Hash} after {written.Rows} with {written.Hash} were sent. Nothing was copied.");
            }
        }

        await CompareSizesAsync(connection, source.Customers.Totals, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        await CommitAsync(transaction, database);
        return copied;
    }

    private static async Task CommitAsync(NpgsqlTransaction transaction, PostgresDatabase database)
    {
        try
        {
            await transaction.CommitAsync(CancellationToken.None);
        }
        catch (Exception failure) when (PostgresProblem.IsExpected(failure))
        {
            throw new StoreException($"{database.Explain(failure)} Whether the copy was committed is not known: start again, and if that is refused because the schema holds a store, it was.", failure);
        }
    }

    private static async Task RequireEmptyAsync(NpgsqlConnection connection, PostgresDatabase database, CancellationToken cancellationToken)
    {
        const string Sql = "SELECT EXISTS(SELECT FROM customers) OR EXISTS(SELECT FROM transitions) OR EXISTS(SELECT FROM documents)";
        if (await connection.AskAsync(Sql, [], cancellationToken) is true)
        {
            throw new StoreException(
                $"PostgreSQL at {database.Where} holds a store already, and a copy begins with none. Name another schema with --schema, or drop this one with "
                + $"all that is in it: DROP SCHEMA {database.Schema} CASCADE");
        }
    }

    /// <summary>Everything in a store as rows of the schema's tables. When a store gets new contents, add an entry here.</summary>
    private static Table[] TablesOf(EmbeddedStore source)
    {
        SegmentTotals totals = source.Customers.Totals;
        return
        [
            new(
                "customers",
                "customer_id, version, segment_id, model_version, segment_since, settled_segment_id, settled_hour, due_at, listed_due_at, state",
                CustomersOf(source.Customers),
                totals.Population),
            new(
                "transitions",
                "sequence, customer_id, from_segment_id, to_segment_id, cause, model_version, occurred_at",
                TransitionsOf(source.Customers),
                totals.Sequence),
            new("messages", "customer_id, key, slot, until_minutes", Of(MessagesOf(source))),
            new("traits", "trait, value, customer_id", Of(TraitsOf(source))),
            new("segment_totals", "slot, segment_id, size", Of(totals.SizeBySegmentId.Select(size => new object?[] { 0, size.Key, size.Value }))),
            new("writer_clocks", "slot, latest_occurred_at", Of([[0, totals.LatestOccurredAtMilliseconds]])),
            new(
                "documents",
                "kind, key, version, content",
                Of(source.ReadDocuments().Select(document => new object?[] { Encoding.UTF8.GetBytes(document.Kind), Encoding.UTF8.GetBytes(document.Key), document.Version, document.Content }))),
        ];
    }

    private static async IAsyncEnumerable<object?[]> CustomersOf(ICustomerStore source, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (var page = await source.ScanAsync(null, PageRows, cancellationToken); page.Count > 0;)
        {
            // Read the next page while this one is sent.
            ValueTask<IReadOnlyList<StoredCustomer>> next = source.ScanAsync(page[^1].CustomerId, PageRows, cancellationToken);
            foreach ((string id, CustomerRecord record, long? due) in page)
            {
                yield return
                [
                    Encoding.UTF8.GetBytes(id), record.Version, record.SegmentId, record.ModelVersion, record.SegmentSinceMilliseconds, record.SettledSegmentId, record.SettledHour,
                    due, due, record.State,
                ];
            }

            page = await next;
        }
    }

    private static async IAsyncEnumerable<object?[]> TransitionsOf(ICustomerStore source, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (var page = await source.ReadTransitionsAsync(0, PageRows, cancellationToken); page.Count > 0;)
        {
            ValueTask<IReadOnlyList<Transition>> next = source.ReadTransitionsAsync(page[^1].Sequence, PageRows, cancellationToken);
            foreach (Transition transition in page)
            {
                yield return
                [
                    transition.Sequence, Encoding.UTF8.GetBytes(transition.CustomerId), transition.FromSegmentId, transition.ToSegmentId, (short)transition.Cause,
                    transition.ModelVersion, transition.OccurredAtMilliseconds,
                ];
            }

            page = await next;
        }
    }

    /// <summary>
    /// Messages that never expire, and those of the newest days, as many as there are partitions; older ones have expired but may still be
    /// in the folder.
    /// </summary>
    private static IEnumerable<object?[]> MessagesOf(EmbeddedStore source)
    {
        uint newest = source.NewestMessageDay();
        for (byte[] next = []; source.ReadMessages(next, PageRows) is { Count: > 0 } page; next = [.. page[^1].Key, 0])
        {
            foreach ((byte[] key, uint untilMinutes) in page)
            {
                var mark = new MessageMark(BinaryPrimitives.ReadUInt64BigEndian(key.AsSpan(key.Length - sizeof(ulong))), untilMinutes);
                if (untilMinutes == MessageMark.Forever || MessageRow.DayOf(mark) + MessageDays.Slots > newest)
                {
                    yield return [key[sizeof(uint)..^(1 + sizeof(ulong))], (long)mark.Key, MessageDays.SlotOf(mark), MessageDays.MinuteOf(mark)];
                }
            }
        }
    }

    private static IEnumerable<object?[]> TraitsOf(EmbeddedStore source)
    {
        for (byte[] next = []; source.ReadTraits(next, PageRows) is { Count: > 0 } page; next = [.. page[^1], 0])
        {
            foreach (byte[] key in page)
            {
                (int value, int id) = Keys.PartsOfTrait(key);
                yield return [key[Keys.TraitHeadBytes..value], key[value..id], key[id..]];
            }
        }
    }

    private static IAsyncEnumerable<object?[]> Of(IEnumerable<object?[]> rows) => rows.ToAsyncEnumerable();

    private static async Task<CopiedTable> WriteAsync(NpgsqlConnection connection, Table table, MoveProgress progress, CancellationToken cancellationToken)
    {
        using var digest = new RowDigest();
        await using NpgsqlBinaryImporter importer = await connection.BeginBinaryImportAsync($"COPY {table.Name}({table.Columns}) FROM STDIN (FORMAT binary)", cancellationToken);
        importer.Timeout = Patience;
        await foreach (object?[] row in table.Rows.WithCancellation(cancellationToken))
        {
            await importer.WriteRowAsync(cancellationToken, row);
            digest.Add(row);
            if (digest.Rows % ProgressEvery == 0)
            {
                progress($"{table.Name} copied", digest.Rows, Math.Max(table.About, digest.Rows));
            }
        }

        await importer.CompleteAsync(cancellationToken);
        return digest.Of(table);
    }

    private static async Task<CopiedTable> ReadBackAsync(NpgsqlConnection connection, Table table, long about, MoveProgress progress, CancellationToken cancellationToken)
    {
        using var digest = new RowDigest();
        await using var command = new NpgsqlCommand($"SELECT {table.Columns} FROM {table.Name}", connection);
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellationToken);
        var row = new object?[rows.FieldCount];
        while (await rows.ReadAsync(cancellationToken))
        {
            rows.GetValues(row!);
            digest.Add(row);
            if (digest.Rows % ProgressEvery == 0)
            {
                progress($"{table.Name} compared", digest.Rows, Math.Max(about, digest.Rows));
            }
        }

        return digest.Of(table);
    }

    private static async Task CompareSizesAsync(NpgsqlConnection connection, SegmentTotals totals, CancellationToken cancellationToken)
    {
        const string Sql = "SELECT segment_id, count(*) FROM customers WHERE segment_id >= 0 GROUP BY segment_id";
        var sizes = await connection.ListAsync(Sql, static row => (Key: row.GetInt32(0), Value: row.GetInt64(1)), [], cancellationToken: cancellationToken);
        if (sizes.Count != totals.SizeBySegmentId.Count || sizes.Any(size => totals.SizeOf(size.Key) != size.Value))
        {
            throw new StoreException("The data folder's totals are not those of its customers, so it is damaged: restore it from a backup and copy that. Nothing was copied.");
        }
    }

    /// <param name="About">Expected number of rows, for the progress.</param>
    private sealed record Table(string Name, string Columns, IAsyncEnumerable<object?[]> Rows, long About = 0);

    /// <summary>Number of rows and the sum of their hashes: equal before sending and after reading back, in any order.</summary>
    private sealed class RowDigest : IDisposable
    {
        private readonly MemoryStream _row = new();
        private readonly BinaryWriter _writer;
        private UInt128 _sum;

        public RowDigest() => _writer = new BinaryWriter(_row);

        public long Rows { get; private set; }

        public void Add(object?[] row)
        {
            _row.SetLength(0);
            foreach (object? value in row)
            {
                switch (value)
                {
                    case null or DBNull:
                        _writer.Write(-1);
                        break;
                    case byte[] bytes:
                        _writer.Write(bytes.Length);
                        _writer.Write(bytes);
                        break;
                    default:
                        _writer.Write(sizeof(long));
                        _writer.Write(((IConvertible)value).ToInt64(null));
                        break;
                }
            }

            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(_row.GetBuffer().AsSpan(0, (int)_row.Length), hash);
            _sum += BinaryPrimitives.ReadUInt128LittleEndian(hash);
            Rows++;
        }

        public CopiedTable Of(Table table) => new(table.Name, Rows, _sum.ToString("x32"));

        public void Dispose() => _writer.Dispose();
    }
}
