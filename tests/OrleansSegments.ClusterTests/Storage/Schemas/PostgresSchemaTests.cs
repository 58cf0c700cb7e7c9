using Npgsql;
using OrleansSegments.ClusterTests.Storage.Places;
using OrleansSegments.ClusterTests.Storage.Servers;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Postgres;
using OrleansSegments.TestKit.Waiting;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Schemas;

/// <summary>Creating, upgrading and refusing schemas, and who may open one.</summary>
public sealed class PostgresSchemaTests : StoreTests
{
    private static readonly string[] Scripts =
        [.. typeof(PostgresStore).Assembly.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private PostgresPlace Postgres => (PostgresPlace)Place;

    public static TheoryData<int> OlderVersions => [.. Enumerable.Range(1, Scripts.Length)];

    [Theory]
    [MemberData(nameof(OlderVersions))]
    public async Task A_schema_of_any_older_version_is_brought_up_to_date_with_all_that_is_in_it(int version)
    {
        await MakeSchemaAsync(version);
        await Postgres.QueryAsync(
            """
            INSERT INTO customers(customer_id, version, segment_id, model_version, segment_since, settled_segment_id, settled_hour, due_at, listed_due_at, state)
                VALUES ('c:old', 3, 7, 2, 11, 6, 12, 40, 40, '\x0102');
            INSERT INTO transitions(sequence, customer_id, to_segment_id, cause, model_version, occurred_at) VALUES (65536, 'c:old', 7, 1, 2, 11);
            INSERT INTO segment_totals(slot, segment_id, size) VALUES (0, 7, 1);
            INSERT INTO documents VALUES ('model', 'current', 5, '\x09');
            """);

        for (var opening = 0; opening < 2; opening++)
        {
            await using var run = await Place.OpenAsync();
            Assert.Equal(3 + opening, (await run.ReadAsync("c:old"))!.Version);
            Assert.Equal(CommitOutcome.Committed, await run.CommitAsync("c:old", 4 + opening, 7 + opening, 8 + opening, due: 30));
            Assert.Equal(2 + opening, (await run.FeedAsync(2 + opening)).Count);
            Assert.Equal(5, (await run.Control.ReadAsync("model", "current", CancellationToken.None))!.Version);
            Assert.Equal("c:old", Assert.Single(await run.DueAsync(40)).CustomerId);
            await run.VerifyAsync();
        }

        Assert.Equal($"{Scripts.Length}|{Scripts.Length}\n", await Postgres.QueryAsync("SELECT max(version), count(*) FROM schema_versions"));
    }

    [Fact]
    public async Task A_newer_schema_is_refused_and_left_alone()
    {
        await using (await Place.OpenAsync())
        {
        }

        await Postgres.QueryAsync("INSERT INTO schema_versions(version) VALUES (99)");
        var refusal = await Assert.ThrowsAsync<StoreException>(() => Place.OpenAsync());

        Assert.Contains("schema version 99", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"up to {Scripts.Length}", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("newer program", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("99\n", await Postgres.QueryAsync("SELECT max(version) FROM schema_versions"));
    }

    [Fact]
    public async Task Silos_that_start_at_once_on_nothing_make_one_schema()
    {
        var runs = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Place.OpenAsync(isShared: true)));
        await Task.WhenAll(runs.Select((run, number) => run.CommitAllAsync([SampleChange.Of($"c:{number}", 1, null, 1)])));

        await Condition.HoldsAsync("each counts all", () => runs.All(run => run.Customers.Totals.SizeOf(1) == runs.Length));
        Assert.Equal($"{Scripts.Length}\n", await Postgres.QueryAsync("SELECT count(*) FROM schema_versions"));
        await Task.WhenAll(runs.Select(run => run.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task A_schema_that_is_open_alone_is_refused_to_everybody_else_until_it_is_closed()
    {
        await using (await Place.OpenAsync())
        {
            foreach (var isShared in new[] { false, true })
            {
                var refusal = await Assert.ThrowsAsync<StoreException>(() => Place.OpenAsync(isShared: isShared));
                Assert.Contains("in use", refusal.Message, StringComparison.Ordinal);
                Assert.Contains(Postgres.Schema, refusal.Message, StringComparison.Ordinal);
            }
        }

        await using var shared = await Place.OpenAsync(isShared: true);
        await using var another = await Place.OpenAsync(isShared: true);
        await Assert.ThrowsAsync<StoreException>(() => Place.OpenAsync());
    }

    [Fact]
    public async Task After_the_owner_was_killed_the_next_one_opens()
    {
        var owner = await Place.OpenAsync();
        await owner.CommitAllAsync(SampleChange.First(3));
        Place.Kill();
        await using var next = await Place.OpenAsync();

        Assert.Equal(3, next.Customers.Totals.Population);
        await owner.DisposeAsync();
    }

    [Fact]
    public async Task Two_schemas_of_one_database_do_not_see_each_other()
    {
        await using var one = await Place.OpenAsync();
        await using var place = new PostgresPlace(await SharedServer.StartedAsync());
        await using var other = await place.OpenAsync();
        await one.CommitAllAsync(SampleChange.First(3));
        await other.CommitAllAsync(SampleChange.First(2, segment: 5));

        Assert.Equal([1], one.Customers.Totals.SizeBySegmentId.Keys);
        Assert.Equal([5], other.Customers.Totals.SizeBySegmentId.Keys);
        Assert.Equal(2, (await other.FeedAsync(2)).Count);
        await one.VerifyAsync();
        await other.VerifyAsync();
    }

    // A dump restored to another server contains transitions with sequences that the new server's transaction ids have not reached.
    [Fact]
    public async Task After_a_move_to_a_server_with_lower_transaction_ids_the_log_goes_on_in_order()
    {
        await using (var run = await Place.OpenAsync())
        {
            await run.CommitAllAsync(SampleChange.First(3));
            await run.FeedAsync(3);
        }

        await Postgres.QueryAsync("UPDATE transitions SET sequence = sequence + (1::bigint << 50)");
        var seen = new List<long>();
        for (var life = 1; life <= 3; life++)
        {
            await using var run = await Place.OpenAsync();
            await run.CommitAllAsync([SampleChange.Of($"d:{life}", 1, null, 2)]);
            var feed = await run.FeedAsync(3 + life);
            Assert.Equal([.. Enumerable.Range(1, life).Select(number => $"d:{number}")], feed.Skip(3).Select(transition => transition.CustomerId));
            Assert.Equal(seen, feed.Take(seen.Count).Select(transition => transition.Sequence));
            seen = [.. feed.Select(transition => transition.Sequence)];
            Assert.Equal(seen.Order().Distinct(), seen);
        }
    }

    private protected override Task<IStorePlace> NewPlaceAsync() => PostgresPlace.NewAsync(isProxied: true);

    /// <summary>Creates the schema of a program that knew only the first scripts.</summary>
    private async Task MakeSchemaAsync(int version)
    {
        await using var source = NpgsqlDataSource.Create(Postgres.Server.ConnectionString() + $";Search Path={Postgres.Schema}");
        await ExecuteAsync(source, $"CREATE SCHEMA {Postgres.Schema}");
        await ExecuteAsync(source, "CREATE TABLE schema_versions(version int PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())");
        for (var number = 1; number <= version; number++)
        {
            using var script = new StreamReader(typeof(PostgresStore).Assembly.GetManifestResourceStream(Scripts[number - 1])!);
            await ExecuteAsync(source, await script.ReadToEndAsync());
            await ExecuteAsync(source, $"INSERT INTO schema_versions(version) VALUES ({number})");
        }
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
