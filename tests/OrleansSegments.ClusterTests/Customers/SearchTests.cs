using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansSegments.ClusterTests.Clusters;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.ClusterTests.Storage.Servers;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Grains.Customers;
using OrleansSegments.Silo.Hosting;
using OrleansSegments.Storage.Customers;
using OrleansSegments.TestKit.Postgres;
using Xunit;
using static OrleansSegments.ClusterTests.Customers.MergeEvents;

namespace OrleansSegments.ClusterTests.Customers;

/// <summary>Customers are found by the beginning of their ids and by their e-mail addresses, on both stores.</summary>
public sealed class SearchTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private UnreliableStore? _store;
    private int _messages;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_has_an_address_is_found_by_it_until_another_one_is_said_and_after_a_restart(bool isPostgres)
    {
        var place = await PlaceAsync(isPostgres);
        await using (var silo = await TestSilo.StartAsync(place, Now, cluster: null))
        {
            await silo.RouteAsync(Said("ada", "Ada@Example.org"), Said("berta", " ada@example.org"), Said("carla", "carla@example.org"), Said("dora", null));
            Assert.Equal(["ada", "berta"], await FindAsync(silo, "ADA@example.org "));
            await silo.RouteAsync(Said("berta", "berta@example.org"), Said("carla", null));
            await silo.RouteAsync(RandomShopper.Order("ada", "order", Now));
        }

        await using var again = await TestSilo.StartAsync(place, Now.AddMinutes(1), cluster: null);
        Assert.Equal(["ada"], await FindAsync(again, "ada@example.org"));
        Assert.Equal(["berta"], await FindAsync(again, "berta@example.org"));
        Assert.Empty(await FindAsync(again, "carla@example.org"));
        Assert.Empty(await FindAsync(again, ""));
        Assert.Empty(await FindAsync(again, new string('x', 256)));
        Assert.Null(await Search(again).ByTrait("name", "Ada", null, 10));
        Assert.Equal(0, again.Service<DirectDoor>().Count);
        await Conservation.AssertHoldsAsync(again);
    }

    [Theory]
    [InlineData("<img src=x onerror=alert(1)>@example.org")]
    [InlineData("\"; DROP TABLE traits; --")]
    [InlineData("%_\\")]
    [InlineData("j\u00F6rg\0\u202E\U0001F600@example.org")]
    public async Task Markup_and_unusual_characters_are_text_like_any_other(string address)
    {
        await using var silo = await StartAsync();
        await silo.RouteAsync(Said("ada", address), Said("berta", $"{address}x"), Said("carla", "x"));
        Assert.Equal(["ada"], await FindAsync(silo, address.ToUpperInvariant()));
        Assert.Equal("s0", (await Search(silo).ByTrait("email", address, null, 10))!.Customers.Single().Segment.Id);
    }

    /// <summary>An older statement that arrives late, and a repeat.</summary>
    [Fact]
    public async Task The_newest_statement_counts_in_whatever_order_they_arrive()
    {
        await using var silo = await StartAsync();
        var old = Said("ada", "old@example.org", Now.AddHours(-2));
        await silo.RouteAsync(Said("ada", "new@example.org", Now.AddHours(-1)));
        await silo.RouteAsync(old);
        await silo.RouteAsync(old, Said("berta", "new@example.org"), Said("berta", "old@example.org", Now.AddMinutes(1)));
        Assert.Equal(["ada"], await FindAsync(silo, "new@example.org"));
        Assert.Equal(["berta"], await FindAsync(silo, "old@example.org"));
        await Conservation.AssertHoldsAsync(silo);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_merge_takes_the_address_to_the_owner_and_undoing_it_brings_it_back(bool isPostgres)
    {
        await using var silo = await TestSilo.StartAsync(await PlaceAsync(isPostgres), Now, cluster: null);
        await silo.RouteAsync(Said("an-1", "an@example.org"), Said("ada", "ada@example.org", Now.AddDays(-1)));
        await silo.RouteAsync(Alias("an-1", "ada"));
        Assert.Equal(["ada"], await FindAsync(silo, "an@example.org"));
        Assert.Empty(await FindAsync(silo, "ada@example.org"));
        Assert.Equal(["ada"], await ByPrefixAsync(silo, "a"));
        await Conservation.AssertHoldsAsync(silo);

        Assert.Equal(UnmergeStatus.Done, await silo.Customer("ada").Unmerge("an-1"));
        Assert.Equal(["an-1"], await FindAsync(silo, "an@example.org"));
        Assert.Equal(["ada"], await FindAsync(silo, "ada@example.org"));
        Assert.Equal(["ada", "an-1"], await ByPrefixAsync(silo, "a"));
        await Conservation.AssertHoldsAsync(silo);
    }

    /// <summary>The commits of a merge: 1 the owner's claim, 2 the visitor's hand-over, 3 the owner's sum.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_crash_after_any_step_of_a_merge_leaves_the_address_with_whoever_has_the_trait(int step)
    {
        var silo = await TestSilo.StartAsync(_folder, Now, services => _store = UnreliableStore.Replace(services));
        await silo.RouteAsync(Said("an-1", "an@example.org"), Said("ada", "ada@example.org", Now.AddDays(-1)));
        var commits = 0;
        _store!.Refuse = _ => Interlocked.Increment(ref commits) > step ? CommitOutcome.Unavailable : null;
        await silo.RouteAsync(Alias("an-1", "ada"));
        await silo.KillAsync();

        await using var next = await TestSilo.StartAsync(_folder, Now.AddSeconds(5));
        await Conservation.AssertAddsUpAsync(next);
        await next.ServeDeadlinesAsync();
        Assert.Equal(["ada"], await FindAsync(next, "an@example.org"));
        Assert.Empty(await FindAsync(next, "ada@example.org"));
        await Conservation.AssertHoldsAsync(next);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Ids_that_begin_with_a_text_come_in_the_order_of_their_bytes_in_pages(bool isPostgres)
    {
        string[] ids =
        [
            "p", "P", "pa", "p%", "p_", "p\\", "p\\'x", "p%a", "p_a", "p\0", "p\u00E4", "pa\u0308", "p\uFFFD", "p\uFFFDx", "p\U0001F600", "p\u05D0", "o\U0010FFFF", "q", "%", "_p",
        ];
        await using var silo = await TestSilo.StartAsync(await PlaceAsync(isPostgres), Now, cluster: null);
        await silo.RouteAsync([.. ids.Select(id => RandomShopper.Order(id, $"order of {id}", Now))]);
        foreach (var prefix in ids.Append("p\uFFFDxy"))
        {
            var expected = ids.Where(id => id.StartsWith(prefix, StringComparison.Ordinal)).Order(Comparer<string>.Create(CustomerIdOrder.Compare)).ToArray();
            foreach (var limit in (int[])[1, 2, 3, 100])
                Assert.Equal(expected, await ByPrefixAsync(silo, prefix, limit));
        }
    }

    [Fact]
    public async Task A_page_steps_over_ids_that_are_aliases()
    {
        await using var silo = await StartAsync();
        await silo.RouteAsync([.. Enumerable.Range(0, 64).Select(number => RandomShopper.Order($"an-{number:00}", $"m-{number}", Now))]);
        foreach (var number in Enumerable.Range(1, 58))
            await silo.RouteAsync(Alias($"an-{number:00}", "ada"));
        foreach (var limit in (int[])[1, 2, 5])
            Assert.Equal(["an-00", "an-59", "an-60", "an-61", "an-62", "an-63"], await ByPrefixAsync(silo, "an-", limit));
        Assert.Empty(await ByPrefixAsync(silo, "an-3", 1));
    }

    private static ICustomerSearch Search(TestSilo silo) => silo.Grains.GetGrain<ICustomerSearch>(0);

    private static Task<List<string>> FindAsync(TestSilo silo, string address, int limit = 1) =>
        PagesAsync(async cursor => (await Search(silo).ByTrait("email", address, cursor, limit))!, limit);

    private static Task<List<string>> ByPrefixAsync(TestSilo silo, string prefix, int limit = 2) =>
        PagesAsync(async cursor => await Search(silo).ByPrefix(prefix, cursor, limit), limit);

    private static async Task<List<string>> PagesAsync(Func<string?, Task<CustomersPage>> read, int limit)
    {
        var all = new List<string>();
        string? cursor = null;
        do
        {
            var page = await read(cursor);
            Assert.True(page.Customers.Length <= limit, $"A page of {limit} has {page.Customers.Length} customers.");
            all.AddRange(page.Customers.Select(customer => customer.Id));
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        return all;
    }

    private CustomerEvent Said(string id, string? address, DateTimeOffset? at = null) => new(
        id, $"said-{++_messages}", EventKind.Identify, null, (at ?? Now.AddMinutes(-60 + _messages)).ToUnixTimeMilliseconds(),
        Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new { email = address, name = "Ada" })), default);

    private Task<TestSilo> StartAsync() => TestSilo.StartAsync(_folder, Now);

    private async Task<StoreArguments> PlaceAsync(bool isPostgres)
    {
        if (!isPostgres)
            return StoreArguments.InFolder(_folder.Path);
        PostgresRequired.OrSkip();
        var server = await SharedServer.StartedAsync();
        var database = SharedServer.NewSchema();
        await server.CreateDatabaseAsync(database);
        return new StoreArguments(StoreSelectionOptions.Postgresql, server.ConnectionString(database), null, "none", StoreStart.AsItIs);
    }
}
