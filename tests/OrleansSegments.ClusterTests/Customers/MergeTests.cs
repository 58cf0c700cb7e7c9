using OrleansSegments.ClusterTests.Clusters;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Storage.Customers;
using OrleansSegments.TestKit.Waiting;
using Xunit;
using static OrleansSegments.ClusterTests.Customers.MergeEvents;

namespace OrleansSegments.ClusterTests.Customers;

/// <summary>A visitor who signs in is one customer, not two, in whatever order the events come and wherever a crash interrupts the merge.</summary>
public sealed class MergeTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private UnreliableStore? _store;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_order_and_batching_of_a_visit_that_ends_with_a_sign_in_gives_one_customer()
    {
        await using var silo = await StartAsync();
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var (visitor, ada) = ($"an-{seed}", $"ada-{seed}");
            var visit = Visit(visitor, ada);
            random.Shuffle(visit);
            var population = (await silo.CensusAsync()).Population;
            for (var start = 0; start < visit.Length;)
            {
                var batch = visit[start..Math.Min(visit.Length, start + random.Next(1, 7))];
                start += batch.Length;
                Assert.Equal(RouteStatus.Durable, (await silo.RouteAsync(batch)).Status);
            }

            var again = await silo.RouteAsync(visit);

            Assert.Equal((0, 6), (again.Accepted, again.Duplicates));
            Assert.Equal(population + 1, (await silo.CensusAsync()).Population);
            var view = await silo.ViewAsync(visitor);
            Assert.Equal((ada, 6L), (view.Id, view.EventCount));
            Assert.Equal([new AliasView(visitor, Now.AddMinutes(-20), "merged")], view.Aliases);
            Assert.Equal(100, view.Features["spend_90d"], 0.1);
            Assert.Equal(2, view.Features["pages_30d"], 0.01);
            Assert.Equal(30, view.Features["age"]);
            Assert.True((await silo.ReadChangesAsync()).Count(change => change.CustomerId == visitor && change.Cause == "merge") <= 1, $"seed {seed}");
        }

        await Conservation.AssertHoldsAsync(silo);
    }

    [Fact]
    public async Task A_merge_takes_the_visitor_out_of_the_population_once_and_says_so_in_the_log()
    {
        await using var silo = await StartAsync();
        await silo.RouteAsync(Visit("an-1", "ada")[..2]);

        await silo.RouteAsync(Visit("an-1", "ada")[2..]);

        var merges = (await silo.ReadChangesAsync()).Where(change => change.Cause == "merge").ToArray();
        Assert.Equal(("an-1", "s0", null), (merges.Single().CustomerId, merges.Single().From, merges.Single().To));
        Assert.Equal("ada", (await silo.Customer("an-1").Explain())!.Id);
    }

    /// <summary>The commits of a merge: 1 the owner's claim, 2 the visitor's hand-over, 3 the owner's sum.</summary>
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    public async Task A_crash_after_any_step_loses_nothing_and_the_next_start_finishes(int step, bool isKnownFirst)
    {
        var visit = Visit("an-1", "ada");
        var silo = await TestSilo.StartAsync(_folder, Now, services => _store = UnreliableStore.Replace(services));
        await silo.RouteAsync(isKnownFirst ? [visit[4]] : visit[..2]);
        await silo.RouteAsync(visit[..2]);
        var commits = 0;
        _store!.Refuse = _ => Interlocked.Increment(ref commits) > step ? CommitOutcome.Unavailable : null;
        await silo.RouteAsync(visit[3]);
        await silo.KillAsync();

        await using var next = await TestSilo.StartAsync(_folder, Now.AddSeconds(5));
        await Conservation.AssertAddsUpAsync(next);
        await next.ServeDeadlinesAsync();
        await next.RouteAsync(visit);

        Assert.Equal(("ada", 6L), ((await next.ViewAsync("an-1")).Id, (await next.ViewAsync("ada")).EventCount));
        Assert.Equal(1, (await next.CensusAsync()).Population);
        await Conservation.AssertHoldsAsync(next);
    }

    [Fact]
    public async Task Nobody_needs_to_send_again_for_an_interrupted_merge_to_finish()
    {
        var silo = await TestSilo.StartAsync(_folder, Now, services => _store = UnreliableStore.Replace(services));
        await silo.RouteAsync(Visit("an-1", "ada")[..2]);
        var commits = 0;
        _store!.Refuse = _ => Interlocked.Increment(ref commits) > 2 ? CommitOutcome.Unavailable : null;
        Assert.Equal(RouteStatus.Durable, (await silo.RouteAsync(Visit("an-1", "ada")[3])).Status);
        await silo.KillAsync();

        await using var next = await TestSilo.StartAsync(_folder, Now.AddSeconds(5));
        Assert.Equal(1, (await next.ViewAsync("ada")).EventCount);
        await next.ServeDeadlinesAsync();

        Assert.Equal(3, (await next.ViewAsync("ada")).EventCount);
        await Conservation.AssertHoldsAsync(next);
    }

    /// <summary>The visitor has handed over to a customer who becomes another one's alias before adding it; the features go on to that one.</summary>
    [Fact]
    public async Task What_was_handed_over_and_not_yet_added_goes_on_to_the_owners_owner()
    {
        await using var silo = await StartAsync();
        await silo.RouteAsync(Visit("an-1", "berta")[..2]);
        var commits = 0;
        _store!.Refuse = change => change.CustomerId == "berta" && ++commits > 1 ? CommitOutcome.Unavailable : null;
        await silo.RouteAsync(Visit("an-1", "berta")[3]);
        _store.Refuse = static _ => null;
        Assert.Equal("pending", Assert.Single((await silo.ViewAsync("berta")).Aliases).Status);

        await silo.RouteAsync(Alias("berta", "ada"));
        silo.Clock.AdvanceTo(Now.AddSeconds(5));
        await silo.ServeDeadlinesAsync();

        Assert.Equal(("ada", 4L), ((await silo.ViewAsync("an-1")).Id, (await silo.ViewAsync("ada")).EventCount));
        Assert.Equal(1, (await silo.CensusAsync()).Population);
        await Conservation.AssertHoldsAsync(silo);
    }

    [Fact]
    public async Task A_training_and_its_roll_out_leave_merged_ids_out()
    {
        await using var silo = await StartAsync();
        for (var number = 0; number < 80; number++)
        {
            await silo.RouteAsync(RandomShopper.Order($"an-{number}", $"m-{number}", Now.AddDays(-1 - (number % 40)), $$"""{"revenue":{{number % 2 * 500 + 10}}}"""));
            await silo.RouteAsync(Identify($"an-{number}", $"user-{number}", Now.AddHours(-1)));
        }

        var version = await silo.PublishAsync(new TrainingRequest(SegmentCount: 2, Force: true));

        var rollout = await silo.Models.Rollout();
        Assert.Equal((version, 80L), (rollout.ModelVersion, rollout.Evaluated));
        await Conservation.AssertHoldsAsync(silo);
    }

    [Fact]
    public async Task Ids_on_different_silos_are_merged_too()
    {
        await using var cluster = await SiloCluster.StartAsync(2, Now);
        var ids = Enumerable.Range(0, 20).Select(number => (Visitor: $"an-{number}", Known: $"ada-{number}")).ToArray();
        var views = cluster.Silos.Select(silo => silo.View().Current).ToArray();
        Assert.Contains(ids, id => views[0].OwnerOf(id.Visitor) != views[0].OwnerOf(id.Known));
        foreach (var (visitor, known) in ids)
            await cluster.First.RouteAsync(Visit(visitor, known));

        foreach (var (visitor, known) in ids)
            Assert.Equal((known, 6L), ((await cluster.First.ViewAsync(visitor)).Id, (await cluster.First.ViewAsync(visitor)).EventCount));
        await Condition.HoldsAsync("all are counted", async () => (await cluster.First.CensusAsync()).Population == ids.Length);
        await Conservation.AssertComesToHoldAsync(cluster.First);
    }

    [Fact]
    public async Task Aliases_in_a_ring_become_one_customer_whatever_comes_first()
    {
        await using var silo = await StartAsync();
        for (var seed = 0; seed < 12; seed++)
        {
            string[] ring = [$"a{seed}", $"b{seed}", $"c{seed}"];
            var population = (await silo.CensusAsync()).Population;
            await silo.RouteAsync([.. ring.Select(id => RandomShopper.Order(id, $"order-{id}", Now.AddHours(-1)))]);
            var calls = Enumerable.Range(0, 3).Select(i => Alias(ring[i], ring[(i + 1) % 3])).Append(Alias(ring[1], ring[0])).Append(Alias(ring[0], ring[0])).ToArray();
            new Random(seed).Shuffle(calls);

            if (seed % 2 == 0)
                foreach (var call in calls)
                    await silo.RouteAsync(call);
            else
                await Task.WhenAll(calls.Select(call => silo.RouteAsync(call)));
            for (var pass = 0; pass < 5; pass++)
            {
                silo.Clock.AdvanceTo(silo.Clock.GetUtcNow().AddSeconds(2));
                await silo.ServeDeadlinesAsync();
            }

            Assert.Equal(population + 1, (await silo.CensusAsync()).Population);
            var view = await silo.ViewAsync(ring[0]);
            Assert.Equal(60, view.Features["spend_90d"], 0.5);
            Assert.Equal(3 + calls.Length, view.EventCount);
            Assert.Equal(view.Id, (await silo.ViewAsync(ring[1])).Id);
            Assert.Equal(view.Id, (await silo.ViewAsync(ring[2])).Id);
        }

        await Conservation.AssertHoldsAsync(silo);
    }

    /// <summary>A busy visitor's message ids stand in the store under the visitor's id.</summary>
    [Fact]
    public async Task Repeats_of_what_a_busy_visitor_did_are_known_after_the_merge()
    {
        await using var silo = await StartAsync();
        var busy = RandomShopper.History("an-1", 7, 1_000, Now.AddHours(-2), Now.AddHours(-1));
        await silo.RouteAllAsync(busy);
        await silo.RouteAsync(Identify("an-1", "ada", Now));

        var again = await silo.RouteAsync(busy);

        Assert.Equal((0, busy.Length), (again.Accepted, again.Duplicates));
        Assert.Equal(busy.Length + 1, (await silo.ViewAsync("ada")).EventCount);
    }

    /// <summary>Half of the visitors sign in; every event is sent at least once, in any order, by several senders, while grains leave memory.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Visitors_who_sign_in_at_random_equal_customers_who_were_known_all_along(int seed)
    {
        const int Visitors = 30;
        var events = new List<CustomerEvent>();
        var known = new List<CustomerEvent>();
        foreach (var number in Enumerable.Range(0, Visitors))
        {
            var history = RandomShopper.History($"an-{number}", (seed * 1_000) + number, 25, Now.AddDays(-3), Now.AddDays(-2));
            events.AddRange(history);
            var id = number % 2 == 0 ? $"user-{number}" : $"an-{number}";
            known.AddRange(history.Select(one => one with { CustomerId = id }));
            if (number % 2 == 0)
            {
                var after = RandomShopper.History(id, (seed * 2_000) + number, 10, Now.AddDays(-1), Now);
                events.AddRange(after.Select(one => one with { AliasId = $"an-{number}" }));
                known.AddRange(after);
            }
        }

        using var cleanFolder = new TestFolder();
        await using var clean = await TestSilo.StartAsync(cleanFolder, Now);
        await clean.RouteAllAsync(known);
        await using var silo = await StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 3).Select(sender => SendAsync(silo, [.. events], new Random((seed * 10) + sender))));

        Assert.Equal(Visitors, (await silo.CensusAsync()).Population);
        foreach (var number in Enumerable.Range(0, Visitors))
        {
            var id = number % 2 == 0 ? $"user-{number}" : $"an-{number}";
            var (expected, actual) = (await clean.ViewAsync(id), await silo.ViewAsync($"an-{number}"));
            Assert.Equal((expected.Id, expected.EventCount, expected.LastEventAt), (actual.Id, actual.EventCount, actual.LastEventAt));
            Assert.Equal(expected.TraitsJson, actual.TraitsJson);
            foreach (var (feature, value) in expected.Features)
                Assert.Equal(value, actual.Features[feature], 1e-9 * Math.Max(1, Math.Abs(value)));
        }

        await Conservation.AssertHoldsAsync(silo);
    }

    private static async Task SendAsync(TestSilo silo, CustomerEvent[] events, Random random)
    {
        random.Shuffle(events);
        for (var start = 0; start < events.Length;)
        {
            var batch = events[start..Math.Min(events.Length, start + random.Next(1, 40))];
            start += (await silo.RouteAsync(batch)).Status == RouteStatus.Durable ? batch.Length : 0;
        }
    }

    private Task<TestSilo> StartAsync() => TestSilo.StartAsync(_folder, Now, services => _store = UnreliableStore.Replace(services));
}
