using System.Text;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Grains.Catalogues;
using Xunit;

namespace OrleansSegments.ClusterTests.Events;

/// <summary>What a tracking plan demands of events on a real silo, and what becomes of those that do not fit.</summary>
public sealed class TrackingPlanTests : IDisposable
{
    private const string RevenueIsANumber = """{"properties":{"revenue":{"type":"number"}},"required":["revenue"]}""";

    private static readonly DateTimeOffset Now = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_plan_that_refuses_rejects_the_event_alone_in_every_spelling_of_its_name_also_after_a_restart()
    {
        await using (var silo = await TestSilo.StartAsync(_folder, Now))
        {
            await PutAsync(silo, $$"""{"violations":"refuse","track":{"order completed":{{RevenueIsANumber}}} }""");
            var receipt = await silo.RouteAsync(
                Track("1", "Order Completed", """{"revenue":5}"""), Track("2", "Completed Order", """{"revenue":"5"}"""), Track("3", "order_completed", ""), Track("4", "Product Viewed", ""));

            Assert.Equal(2, receipt.Accepted);
            Assert.Equal([(1, "plan_violation"), (2, "plan_violation")], receipt.Rejected.Select(x => (x.Index, x.Code)));
            Assert.Contains("/revenue", receipt.Rejected[0].Message);
        }

        await using var again = await TestSilo.StartAsync(_folder, Now);
        Assert.Single((await again.RouteAsync(Track("5", "Order Completed", "{}"))).Rejected);
        Assert.Equal(2, (await again.ViewAsync("ada")).EventCount);
    }

    [Fact]
    public async Task A_plan_that_flags_takes_the_event_and_lists_the_violation()
    {
        await using var silo = await TestSilo.StartAsync(_folder, Now);
        await PutAsync(silo, $$"""{"track":{"Order Completed":{{RevenueIsANumber}}} }""");

        var receipt = await silo.RouteAsync(Track("1", "Order Completed", """{"revenue":5}"""), Track("2", "Order Completed", "{}"));

        Assert.Equal((2, 0), (receipt.Accepted, receipt.Rejected.Length));
        await silo.Service<EventReporter>().ReportAsync();
        var listed = Assert.Single((await silo.Grains.GetGrain<IEventCatalogueGrain>(0).View()).Ignored);
        Assert.Equal(("plan_violation", "Order Completed", 1L), (listed.Reason, listed.Field, listed.Count));
        Assert.Contains("revenue", listed.LastExample);
    }

    [Fact]
    public async Task A_star_is_for_events_without_a_schema_and_each_other_kind_has_one()
    {
        await using var silo = await TestSilo.StartAsync(_folder, Now);
        await PutAsync(silo, """{"violations":"refuse","track":{"Product Viewed":true,"*":false},"identify":{"properties":{"age":{"type":"integer"}}} }""");

        var receipt = await silo.RouteAsync(
            Track("1", "Product Viewed", "{}"), Track("2", "Spin Won", "{}"),
            new CustomerEvent("ada", "3", EventKind.Identify, null, Now.ToUnixTimeMilliseconds(), """{"age":"old"}"""u8.ToArray(), default),
            new CustomerEvent("ada", "4", EventKind.Page, "Home", Now.ToUnixTimeMilliseconds(), default, default));

        Assert.Equal([1, 2], receipt.Rejected.Select(x => x.Index));
    }

    [Theory]
    [InlineData("""{"violations":"drop"}""", "violations")]
    [InlineData("""{"tracks":{}}""", "tracks")]
    [InlineData("""[1]""", "object")]
    [InlineData("""{"track":{"A":{"type":"text"}}}""", "\"A\"")]
    [InlineData("""{"track":{"A":{"$ref":"https://example.com/schema"}}}""", "\"A\"")]
    [InlineData("""{"track":{"A":{"properties":{"b":{"pattern":"("}}}}}""", "\"A\"")]
    [InlineData("""{"track":{"Order Completed":true,"order_completed":true}}""", "Order Completed")]
    [InlineData("""{"track":{"A":true,"A":true}}""", "JSON")]
    [InlineData("""{"track":""", "JSON")]
    public async Task A_plan_that_cannot_be_used_changes_nothing_and_says_where(string json, string named)
    {
        await using var silo = await TestSilo.StartAsync(_folder, Now);
        await PutAsync(silo, """{"violations":"refuse","track":{"*":false}}""");

        var receipt = await silo.Grains.GetGrain<ITrackingPlanGrain>(0).Put(json);

        Assert.Contains(named, receipt.Problem);
        Assert.Equal(1, receipt.Plan.Version);
        Assert.Single((await silo.RouteAsync(Track("1", "Spin Won", "{}"))).Rejected);
    }

    [Fact]
    public async Task Without_a_plan_everything_counts_again()
    {
        await using var silo = await TestSilo.StartAsync(_folder, Now);
        await PutAsync(silo, """{"violations":"refuse","track":{"*":false}}""");
        await PutAsync(silo, "");

        Assert.Equal(1, (await silo.RouteAsync(Track("1", "Spin Won", "{}"))).Accepted);
    }

    private static async Task PutAsync(TestSilo silo, string json) => Assert.Null((await silo.Grains.GetGrain<ITrackingPlanGrain>(0).Put(json)).Problem);

    private static CustomerEvent Track(string id, string name, string properties) =>
        new("ada", id, EventKind.Track, name, Now.ToUnixTimeMilliseconds(), Encoding.UTF8.GetBytes(properties), default);
}
