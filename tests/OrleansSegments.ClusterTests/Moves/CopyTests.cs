using Microsoft.Extensions.Logging.Abstractions;
using OrleansSegments.ClusterTests.Clusters;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.ClusterTests.Storage.Oracles;
using OrleansSegments.ClusterTests.Storage.Places;
using OrleansSegments.ClusterTests.Storage.Servers;
using OrleansSegments.Silo.Hosting;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Embedded;
using OrleansSegments.Storage.Postgres;
using OrleansSegments.Storage.Transitions;
using Xunit;

namespace OrleansSegments.ClusterTests.Moves;

/// <summary>A copy of a data folder on PostgreSQL: equal through the store's interface, or nothing.</summary>
public sealed class CopyTests(TrainedPopulation population) : StoreTests
{
    private const uint Now = 30_000_000;

    /// <summary>One that expires today, one tomorrow, one never, and one with the highest bit set.</summary>
    private static readonly MessageMark[] Marks = [new(1, Now + 1), new(2, Now + MessageMark.LifetimeMinutesMax), new(3, MessageMark.Forever), new(ulong.MaxValue, Now + 5)];

    private static readonly string[] Kinds = ["grain-state", "orleans-reminder", "settings"];

    private PostgresPlace Postgres => (PostgresPlace)Place;

    [Fact]
    public async Task Everything_is_the_same_and_later_changes_follow_it()
    {
        using var folder = population.Copy();
        await MoveSomeAsync(folder);
        await using var source = await OpenAsync(folder);
        await CopyAsync(source);
        await using (var run = await Place.OpenAsync())
        {
            await AssertSameAsync(source, run);
            var (trait, value) = SampleChange.TraitsOf(3, 77)[0];
            Assert.Equal(4, (await run.FindAsync(trait, value)).Count);
            var change = await NextChangeAsync(run);
            var last = source.Customers.Totals.Sequence;
            Assert.Equal(CommitOutcome.Committed, await run.Customers.CommitAsync(change));
            await run.Customers.WaitForTransitionsAsync(last, CancellationToken.None);
            Assert.Equal([change.CustomerId], (await run.TransitionsAsync(last)).Select(transition => transition.CustomerId));
        }
    }

    [Fact]
    public async Task A_silo_goes_on_with_everything_that_was_copied()
    {
        var database = SharedServer.NewSchema();
        await Postgres.Server.CreateDatabaseAsync(database);
        var options = new PostgresStoreOptions { ConnectionString = Postgres.Server.ConnectionString(database) };
        using var folder = population.Copy();
        await using (var source = await OpenAsync(folder))
        {
            await PostgresImport.RunAsync(source, options, static (_, _, _) => { }, CancellationToken.None);
        }

        var arguments = new StoreArguments(StoreSelectionOptions.Postgresql, options.ConnectionString, null, "segments", StoreStart.AsItIs);
        await using var silo = await TestSilo.StartAsync(arguments, TrainedPopulation.End, cluster: null);
        Assert.Equal(population.ModelVersion, (await silo.Models.Current()).Version);
        await silo.RouteAllAsync(RandomShopper.History("new", 1, 8, TrainedPopulation.End.AddDays(-9), TrainedPopulation.End));
        Assert.Equal(TrainedPopulation.Customers + 1, (await Conservation.AssertHoldsAsync(silo)).Count);
    }

    /// <summary>For the server a kill looks like a cut: a connection that ends in the middle of a table.</summary>
    [Theory]
    [InlineData("customers copied")]
    [InlineData("customers compared")]
    public async Task A_copy_that_is_killed_leaves_nothing_and_is_started_again(string moment)
    {
        using var folder = population.Copy();
        await using var source = await OpenAsync(folder);
        var killed = await Assert.ThrowsAsync<StoreException>(() => CopyAsync(source, (what, _, _) =>
        {
            if (what == moment)
            {
                Postgres.Kill();
            }
        }));
        Assert.Contains("start again", killed.Message, StringComparison.Ordinal);
        await using (var run = await Place.OpenAsync())
        {
            Assert.Equal(0, run.Customers.Totals.Population);
            Assert.Empty(await run.Control.ReadAllAsync("grain-state", CancellationToken.None));
        }

        await CopyAsync(source);
        await using var again = await Place.OpenAsync();
        await AssertSameAsync(source, again);
    }

    [Fact]
    public async Task A_difference_between_the_sent_and_the_stored_rows_is_detected_and_not_committed()
    {
        using var folder = population.Copy();
        await using var source = await OpenAsync(folder);
        await (await Place.OpenAsync()).DisposeAsync();
        await Postgres.QueryAsync(
            """
            CREATE FUNCTION bend() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.settled_hour := NEW.settled_hour + 1; RETURN NEW; END $$;
            CREATE TRIGGER bend BEFORE INSERT ON customers FOR EACH ROW EXECUTE FUNCTION bend()
            """);
        var refusal = await Assert.ThrowsAsync<StoreException>(() => CopyAsync(source));
        Assert.Contains("Nothing was copied", refusal.Message, StringComparison.Ordinal);
        await using var run = await Place.OpenAsync();
        Assert.Equal(0, run.Customers.Totals.Population);
    }

    [Fact]
    public async Task A_copy_that_is_stopped_leaves_nothing()
    {
        using var folder = population.Copy();
        await using var source = await OpenAsync(folder);
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => CopyAsync(source, (_, _, _) => stop.Cancel(), stop.Token));
        await CopyAsync(source);
    }

    [Fact]
    public async Task A_schema_that_is_not_empty_is_refused_with_the_cure_and_not_changed()
    {
        using var folder = population.Copy();
        await using var source = await OpenAsync(folder);
        await CopyAsync(source);
        var refusal = await Assert.ThrowsAsync<StoreException>(() => CopyAsync(source));
        Assert.Contains($"DROP SCHEMA {Postgres.Schema} CASCADE", refusal.Message, StringComparison.Ordinal);
        await using var run = await Place.OpenAsync();
        await AssertSameAsync(source, run);
    }

    [Fact]
    public async Task No_silo_opens_a_schema_during_a_copy_and_no_schema_in_use_is_copied_to()
    {
        using var folder = population.Copy();
        await using var source = await OpenAsync(folder);
        StoreException? refusal = null;
        await CopyAsync(source, (_, _, _) => refusal ??= Assert.ThrowsAsync<StoreException>(() => Place.OpenAsync()).GetAwaiter().GetResult());
        Assert.Contains("in use", refusal!.Message, StringComparison.Ordinal);

        await using var run = await Place.OpenAsync();
        Assert.Contains("in use", (await Assert.ThrowsAsync<StoreException>(() => CopyAsync(source))).Message, StringComparison.Ordinal);
    }

    /// <summary>Fails when a store gets a table that the copy does not know.</summary>
    [Fact]
    public async Task An_empty_data_folder_is_copied_too_and_no_table_is_left_out()
    {
        string[] notOfCustomers = ["cluster_reminders", "cluster_silos", "cluster_versions", "orleansquery", "schema_versions", "store_settings"];
        using var folder = new TestFolder();
        await using var source = await OpenAsync(folder);
        var copied = await CopyAsync(source);
        var tables = await Postgres.QueryAsync(
            "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(current_schema()) AND relkind IN ('r', 'p') AND NOT relispartition");
        Assert.Equal(tables.Split('\n', StringSplitOptions.RemoveEmptyEntries).Except(notOfCustomers).Order(), copied.Select(table => table.Name).Order());
        await using var run = await Place.OpenAsync();
        await AssertSameAsync(source, run);
    }

    private protected override Task<IStorePlace> NewPlaceAsync() => PostgresPlace.NewAsync(isProxied: true);

    private static Task<EmbeddedStore> OpenAsync(TestFolder folder) => EmbeddedStore.OpenAsync(
        new EmbeddedStoreOptions { Folder = folder.Path }, new StillTime(), NullLogger.Instance, CancellationToken.None);

    private Task<IReadOnlyList<CopiedTable>> CopyAsync(EmbeddedStore source, MoveProgress? progress = null, CancellationToken cancellationToken = default) =>
        PostgresImport.RunAsync(source, Postgres.Options(), progress ?? (static (_, _, _) => { }), cancellationToken);

    /// <summary>Adds a second transition for some, and every kind of id and deadline.</summary>
    private static async Task MoveSomeAsync(TestFolder folder)
    {
        await using var place = await OpenAsync(folder);
        await using var run = new StoreRun(place, static () => Task.CompletedTask);
        foreach (var id in (string[])["c:\0", "c:\uFFFD", "c:\U0001F600", "c:\u00E4"])
        {
            var first = SampleChange.Of(id, 1, null, 77) with { Messages = Marks };
            Assert.Equal(CommitOutcome.Committed, await run.Customers.CommitAsync(first));
            Assert.Equal(CommitOutcome.Committed, await run.CommitAsync(id, 2, 77, 78, due: 5));
            Assert.Equal(CommitOutcome.Committed, await run.CommitAsync(id, 3, 78, 77, due: 7));
        }
    }

    private static async Task<CustomerChange> NextChangeAsync(StoreRun run)
    {
        var (id, record, due) = (await run.ScanAsync())[3];
        return new CustomerChange(id, record.SegmentId, record with { Version = record.Version + 1, SegmentId = 99 }, due, TransitionCause.Event, 0);
    }

    private static async Task AssertSameAsync(EmbeddedStore source, StoreRun copy)
    {
        var original = new StoreRun(source, static () => Task.CompletedTask);
        var customers = await original.ScanAsync();
        var copies = await copy.ScanAsync();
        Assert.Equal(customers.Select(customer => (customer.CustomerId, customer.DueAtMilliseconds)), copies.Select(customer => (customer.CustomerId, customer.DueAtMilliseconds)));
        foreach (var (kept, copied) in customers.Zip(copies))
        {
            Records.AssertSame(kept.Record, copied.Record, kept.CustomerId);
        }

        var (totals, copiedTotals) = (source.Customers.Totals, copy.Customers.Totals);
        Assert.Equal(totals.SizeBySegmentId.OrderBy(size => size.Key), copiedTotals.SizeBySegmentId.OrderBy(size => size.Key));
        Assert.Equal((totals.Population, totals.LatestOccurredAtMilliseconds), (copiedTotals.Population, copiedTotals.LatestOccurredAtMilliseconds));
        var log = await original.TransitionsAsync();
        Assert.Equal(log, await copy.FeedAsync(log.Length));
        Assert.Equal(totals.Sequence, copy.Customers.Totals.Sequence);
        foreach (var id in customers.Select(customer => customer.CustomerId).Where((_, index) => index % 50 == 0).Concat(log.CountBy(t => t.CustomerId).Where(c => c.Value > 1).Select(c => c.Key)))
        {
            Assert.Equal(await original.HistoryAsync(id), await copy.HistoryAsync(id));
        }

        foreach (var id in customers.Select(customer => customer.CustomerId).Take(6))
        {
            ulong[] keys = [1, 2, 3, 4, ulong.MaxValue];
            var found = await original.Customers.FindMessagesAsync(id, keys, Now, CancellationToken.None);
            Assert.Equal(found.Order(), (await copy.Customers.FindMessagesAsync(id, keys, Now, CancellationToken.None)).Order());
        }

        foreach (var (trait, value) in SampleChange.Traits)
        {
            Assert.Equal(await original.FindAsync(trait, value), await copy.FindAsync(trait, value));
        }

        foreach (var segment in totals.SizeBySegmentId.Keys)
        {
            Assert.Equal(await original.MembersAsync(segment), await copy.MembersAsync(segment));
        }

        Assert.Equal(await original.DueAsync(long.MaxValue - 1, int.MaxValue), await copy.DueAsync(long.MaxValue - 1, int.MaxValue));
        foreach (var kind in Kinds)
        {
            var documents = await original.Control.ReadAllAsync(kind, CancellationToken.None);
            var copiedDocuments = await copy.Control.ReadAllAsync(kind, CancellationToken.None);
            Assert.Equal(documents.Select(d => (d.Key, d.Version, Convert.ToHexString(d.Content))), copiedDocuments.Select(d => (d.Key, d.Version, Convert.ToHexString(d.Content))));
        }

        await copy.VerifyAsync();
    }
}
