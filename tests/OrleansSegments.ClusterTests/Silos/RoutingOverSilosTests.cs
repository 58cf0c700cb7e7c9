using OrleansSegments.ClusterTests.Clusters;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Grains.Events;
using OrleansSegments.Grains.Silos;
using OrleansSegments.Storage.Customers;
using OrleansSegments.TestKit.Waiting;
using Xunit;

namespace OrleansSegments.ClusterTests.Silos;

/// <summary>A batch is sent to each silo in one share; its sender gets one receipt.</summary>
public sealed class RoutingOverSilosTests
{
    private const int Customers = 100;

    private static readonly DateTimeOffset Now = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);
    private static readonly SiloView View = new("b", ["a", "b", "c"]);

    [Fact]
    public async Task A_batch_over_three_silos_has_one_receipt()
    {
        await using var cluster = await SiloCluster.StartAsync(3, Now);
        CustomerEvent[] batch = [.. Enumerable.Range(0, 3 * Customers).Select(Event)];
        int[] refused = [7, 120, 121, 299];
        foreach (var index in refused)
            batch[index] = batch[index] with { MessageId = "" };

        var receipt = await cluster.First.RouteAsync(batch);

        Assert.Equal((RouteStatus.Durable, batch.Length - refused.Length, 0), (receipt.Status, receipt.Accepted, receipt.Duplicates));
        Assert.Equal(refused, receipt.Rejected.Select(rejection => rejection.Index));
        var again = await cluster.First.RouteAsync(batch);
        Assert.Equal((0, batch.Length - refused.Length), (again.Accepted, again.Duplicates));
        await Condition.HoldsAsync("all customers are counted", async () => (await cluster.First.CensusAsync()).Population == Customers);
    }

    [Fact]
    public async Task A_refusal_by_one_silo_refuses_the_whole_batch()
    {
        await using var cluster = await SiloCluster.StartAsync(3, Now);
        var other = cluster.Silos[1];
        var ofAnother = Enumerable.Range(0, Customers).Select(number => $"c{number}").First(other.View().Current.Holds);
        other.Store().Refuse = change => change.CustomerId == ofAnother ? CommitOutcome.Overloaded : null;

        var receipt = await cluster.First.RouteAsync([.. Enumerable.Range(0, 3 * Customers).Select(Event)]);

        Assert.Equal((RouteStatus.Overloaded, 3 * (Customers - 1)), (receipt.Status, receipt.Accepted));
    }

    [Fact]
    public void A_share_contains_all_events_of_its_customers_in_the_order_of_the_batch()
    {
        CustomerEvent[] batch = [.. Enumerable.Range(0, 3 * Customers).Select(Event)];

        var shares = new BatchShares(batch, View);

        for (var silo = 0; silo < 3; silo++)
        {
            var expected = batch.Where(sent => View.OwnerOf(sent.CustomerId) == silo).ToArray();
            Assert.NotEmpty(expected);
            Assert.Equal(expected, shares.EventsOf(silo));
        }
    }

    [Fact]
    public void A_few_events_do_not_form_a_share()
    {
        var foreign = Enumerable.Range(0, Customers).Select(Event).Where(sent => View.OwnerOf(sent.CustomerId) == 0).Take(BatchShares.EventsMin).ToArray();

        var few = new BatchShares(foreign[1..], View);
        var enough = new BatchShares(foreign, View);

        Assert.Equal(foreign[1..], few.EventsOf(1));
        Assert.Empty(few.EventsOf(0));
        Assert.Equal(foreign, enough.EventsOf(0));
        Assert.Empty(enough.EventsOf(1));
    }

    private static CustomerEvent Event(int number) => RandomShopper.Order($"c{number % Customers}", $"m{number}", Now);
}
