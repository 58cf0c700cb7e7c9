using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Engine.Identity;
using OrleansSegments.Grains.Catalogues;
using Xunit;
using static OrleansSegments.ClusterTests.Customers.MergeEvents;

namespace OrleansSegments.ClusterTests.Customers;

/// <summary>Which ids become an alias and whose, and how they stop being one.</summary>
public sealed class AliasTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Ids_that_name_nobody_are_never_merged()
    {
        await using var silo = await StartAsync();
        string[] nobody = ["undefined", "null", "[object Object]", "0", "None", "anonymous", " NULL "];
        await silo.RouteAsync(RandomShopper.Order("undefined", "their-own", Now.AddHours(-1)));
        foreach (var number in Enumerable.Range(0, 50))
            await silo.RouteAsync(Alias(nobody[number % nobody.Length], $"user-{number}"));

        Assert.Equal(51, (await silo.CensusAsync()).Population);
        Assert.Equal(1, (await silo.ViewAsync("user-7")).EventCount);
        Assert.Empty((await silo.ViewAsync("user-7")).Aliases);
        Assert.Equal("undefined", (await silo.ViewAsync("undefined")).Id);
        var refused = await RefusedMergesAsync(silo, "never_merged");
        Assert.InRange(refused.Length, 20, 50);
        Assert.Contains("\"user-0\",\"previousId\":\"undefined\"", refused[^1].Event);
    }

    [Fact]
    public async Task On_a_shared_device_the_past_is_the_first_ones_and_what_follows_is_the_newest_ones()
    {
        await using var silo = await StartAsync();
        await silo.RouteAsync(RandomShopper.Order("x", "before", Now.AddHours(-5)));
        await silo.RouteAsync(Identify("x", "a", Now.AddHours(-4)));
        await silo.RouteAsync(RandomShopper.Order("x", "of-a", Now.AddHours(-3)));
        await silo.RouteAsync(Identify("x", "b", Now.AddHours(-2)));
        await silo.RouteAsync(RandomShopper.Order("x", "of-b", Now.AddHours(-1)));
        await silo.RouteAsync(RandomShopper.Order("x", "late-of-a", Now.AddHours(-3)));

        Assert.Equal((4L, 2L), ((await silo.ViewAsync("a")).EventCount, (await silo.ViewAsync("b")).EventCount));
        Assert.Equal("b", (await silo.ViewAsync("x")).Id);
        Assert.Equal(2, (await silo.CensusAsync()).Population);
    }

    [Fact]
    public async Task A_customer_has_so_many_aliases_and_no_more()
    {
        await using var silo = await StartAsync();
        const int Visitors = AliasList.CountMax + 20;
        foreach (var number in Enumerable.Range(0, Visitors))
        {
            await silo.RouteAsync(RandomShopper.Order($"an-{number}", $"m-{number}", Now.AddHours(-2)));
            await silo.RouteAsync(Identify($"an-{number}", "ada", Now.AddHours(-1)));
        }

        var ada = await silo.ViewAsync("ada");
        Assert.Equal((AliasList.CountMax, (long)Visitors + AliasList.CountMax), (ada.Aliases.Length, ada.EventCount));
        Assert.Equal(1 + Visitors - AliasList.CountMax, (await silo.CensusAsync()).Population);
        Assert.InRange((await RefusedMergesAsync(silo, "too_many_aliases")).Length, 20, 40);
        await Conservation.AssertHoldsAsync(silo);
    }

    [Fact]
    public async Task An_undone_merge_leaves_two_customers_who_stay_apart()
    {
        await using var silo = await StartAsync();
        await silo.RouteAsync(Visit("an-1", "ada")[4]);
        var ada = await silo.ViewAsync("ada");
        await silo.RouteAsync(Visit("an-1", "ada")[..2]);
        var visitor = await silo.ViewAsync("an-1");
        await silo.RouteAsync(Alias("an-1", "ada"));
        await silo.RouteAsync(RandomShopper.Order("ada", "since", Now.AddMinutes(-1)));

        Assert.Equal(UnmergeStatus.NotFound, await silo.Customer("ada").Unmerge("somebody"));
        Assert.Equal(UnmergeStatus.Done, await silo.Customer("ada").Unmerge("an-1"));
        Assert.Equal(UnmergeStatus.Done, await silo.Customer("ada").Unmerge("an-1"));

        Assert.Equal((visitor.EventCount, "an-1"), ((await silo.ViewAsync("an-1")).EventCount, (await silo.ViewAsync("an-1")).Id));
        Assert.Equal(visitor.Features["pages_30d"], (await silo.ViewAsync("an-1")).Features["pages_30d"], 1e-9);
        Assert.Equal(ada.EventCount + 2, (await silo.ViewAsync("ada")).EventCount);
        Assert.Equal(80, (await silo.ViewAsync("ada")).Features["spend_90d"], 0.1);
        Assert.False((await silo.ViewAsync("ada")).Features["pages_30d"] > 1e-9);

        await silo.RouteAsync(Identify("an-1", "ada", Now));
        Assert.Equal("an-1", (await silo.ViewAsync("an-1")).Id);
        Assert.Equal("parted", Assert.Single((await silo.ViewAsync("ada")).Aliases).Status);
        Assert.Equal(2, (await silo.CensusAsync()).Population);
        await Conservation.AssertHoldsAsync(silo);
    }

    [Fact]
    public async Task An_id_that_had_done_nothing_begins_anew_after_its_merge_was_undone()
    {
        await using var silo = await StartAsync();
        await silo.RouteAsync(Identify("an-1", "ada", Now.AddHours(-1)));
        Assert.Equal(UnmergeStatus.Done, await silo.Customer("ada").Unmerge("an-1"));
        Assert.Null(await silo.Customer("an-1").View());

        await silo.RouteAsync(RandomShopper.Order("an-1", "m", Now));

        Assert.Equal(1, (await silo.ViewAsync("an-1")).EventCount);
        await Conservation.AssertHoldsAsync(silo);
    }

    private Task<TestSilo> StartAsync() => TestSilo.StartAsync(_folder, Now);

    private static async Task<RejectedEvent[]> RefusedMergesAsync(TestSilo silo, string reason)
    {
        await silo.Service<EventReporter>().ReportAsync();
        return await silo.Grains.GetGrain<IRejectionsGrain>(0).List(reason, 500);
    }
}
