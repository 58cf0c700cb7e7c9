using System.Text;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Grains.Catalogues;
using Xunit;

namespace OrleansSegments.ClusterTests.Events;

/// <summary>What arrives on a real silo is in the event catalogue, and outlives the silo.</summary>
public sealed class EventCatalogueTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Events_of_every_spelling_are_counted_under_one_name_with_what_had_no_effect_and_a_restart_keeps_them()
    {
        await using (var silo = await TestSilo.StartAsync(_folder, Now))
        {
            await silo.RouteAsync(Event("1", "Order Completed", """{"revenue":"free"}"""), Event("2", "order_completed", """{"revenue":5,"gift":true}"""));
            await silo.RouteAsync(Event("3", "Spin Won", "{}"), new CustomerEvent("ada", "4", EventKind.Identify, null, Now.ToUnixTimeMilliseconds(), ManyTraits(), default));
            await silo.Service<EventReporter>().ReportAsync();
            AssertSeen(await silo.Grains.GetGrain<IEventCatalogueGrain>(0).View());
        }

        await using var again = await TestSilo.StartAsync(_folder, Now);
        AssertSeen(await again.Grains.GetGrain<IEventCatalogueGrain>(0).View());
    }

    private static void AssertSeen(SeenEvents seen)
    {
        Assert.Equal(
            ["identify/ 1 True", "track/Order Completed 2 True", "track/Spin Won 1 False"],
            seen.Events.Select(x => $"{x.Type}/{x.Name} {x.Count} {x.IsRead}").Order(StringComparer.Ordinal));
        Assert.Equal(
            ["gift boolean False", "revenue number,string True"],
            seen.Events.Single(x => x.Name == "Order Completed").Properties.Select(x => $"{x.Name} {string.Join(',', x.Types.Order())} {x.IsRead}").Order());
        Assert.Equal(
            ["not_a_number properties.revenue 1 free", "too_many_traits traits 5 "],
            seen.Ignored.Select(x => $"{x.Reason} {x.Field} {x.Count} {x.LastExample}").Order());
    }

    private static CustomerEvent Event(string id, string name, string properties) =>
        new("ada", id, EventKind.Track, name, Now.ToUnixTimeMilliseconds(), Encoding.UTF8.GetBytes(properties), default);

    private static byte[] ManyTraits() => Encoding.UTF8.GetBytes($"{{{string.Join(',', Enumerable.Range(0, 305).Select(i => $"\"t{i}\":{i}"))}}}");
}
