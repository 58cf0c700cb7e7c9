using OrleansSegments.Simulator;
using Xunit;

namespace OrleansSegments.UnitTests.Simulator;

public sealed class SimulatedTrafficTests
{
    private static readonly SimulationOptions Options = new() { Customers = 4000, Days = 28, Seed = 5 };
    private static readonly Simulation Truth = new(Options);
    private static readonly SimulatedEvent[] Events = [.. Truth.Partition().Events()];

    [Fact]
    public void The_volume_of_events_is_as_specified()
    {
        double perCustomerDay = Events.Count(e => e.Type != SimulatedEventType.Identify) / (double)Options.Customers / Options.Days;
        Assert.InRange(perCustomerDay, 0.9 * Simulation.ExpectedEventsPerCustomerDay, 1.1 * Simulation.ExpectedEventsPerCustomerDay);
        Assert.InRange(Simulation.ExpectedEventsPerCustomerDay, 0.8, 1.5);
    }

    [Fact]
    public void Every_shopper_starts_with_one_identify_event()
    {
        Assert.Equal(Options.Customers, Events.Select(e => e.CustomerIndex).Distinct().Count());
        foreach (IGrouping<int, SimulatedEvent> shopper in Events.GroupBy(e => e.CustomerIndex))
        {
            SimulatedEvent first = shopper.MinBy(e => e.OccurredAt);
            Assert.Equal(SimulatedEventType.Identify, first.Type);
            Assert.Equal(first.MessageId, shopper.First().MessageId);
            Assert.InRange(shopper.Count(e => e.Type == SimulatedEventType.Identify), 1, 3);
        }
    }

    [Fact]
    public void Duplicates_are_a_small_share_and_equal_but_for_their_delivery()
    {
        IGrouping<Guid, SimulatedEvent>[] twice = [.. Events.GroupBy(e => e.MessageId).Where(group => group.Count() > 1)];
        Assert.InRange(twice.Length / (double)Events.Length, 0.003, 0.007);
        Assert.All(twice, group =>
        {
            SimulatedEvent[] both = [.. group];
            Assert.Equal(2, both.Length);
            Assert.Equal(both[0].CustomerId, both[1].CustomerId);
            Assert.Equal(both[0].OccurredAt, both[1].OccurredAt);
            Assert.True(both[0].Properties.Span.SequenceEqual(both[1].Properties.Span));
            Assert.True(both[0].DeliveredAt < both[1].DeliveredAt);
        });
    }

    [Fact]
    public void Late_events_are_a_small_share_and_never_a_day_late()
    {
        Assert.All(Events, e => Assert.InRange(e.DeliveredAt - e.OccurredAt, TimeSpan.Zero, TimeSpan.FromHours(24) - TimeSpan.FromTicks(1)));
        SimulatedEvent[] firstDeliveries = [.. Events.DistinctBy(e => e.MessageId)];
        double late = firstDeliveries.Count(e => e.DeliveredAt - e.OccurredAt > TimeSpan.FromMinutes(1)) / (double)firstDeliveries.Length;
        Assert.InRange(late, 0.007, 0.013);
        Assert.Contains(firstDeliveries, e => e.DeliveredAt - e.OccurredAt > TimeSpan.FromHours(6));
    }

    [Fact]
    public void The_extremes_of_lateness_stay_below_a_day()
    {
        SimulationOptions extreme = Options with { Customers = 200, LateShare = 0.99, DuplicateShare = 0.99 };
        TimeSpan latest = new SimulationPartition(extreme).Events().Max(e => e.DeliveredAt - e.OccurredAt);
        Assert.InRange(latest, TimeSpan.FromHours(18), TimeSpan.FromHours(24) - TimeSpan.FromTicks(1));
    }

    [Fact]
    public void Personas_have_the_specified_shares_at_the_start()
    {
        foreach (Persona persona in Enum.GetValues<Persona>())
        {
            int count = Enumerable.Range(0, Options.Customers).Count(c => Truth.TruthAt(c, Options.Start) == persona);
            double expected = Simulation.StartShareOf(persona);
            Assert.InRange(count / (double)Options.Customers, expected - 0.025, expected + 0.025);
        }
    }

    [Fact]
    public void Evening_browsers_come_in_the_evening_on_their_phones()
    {
        SimulatedEvent[] theirs = Of(Persona.EveningMobileBrowser);
        Assert.True(Share(theirs, e => LocalHour(e) >= 18) > 0.7);
        Assert.True(Share(theirs, e => Contains(e.Context, "\"channel\":\"mobile\"")) > 0.85);
        Assert.True(Share(Of(Persona.LoyalBigSpender), e => LocalHour(e) >= 18) < 0.25);
    }

    [Fact]
    public void Families_come_at_the_weekend()
    {
        Assert.True(Share(Of(Persona.WeekendFamilyGrocery), IsWeekend) > 0.65);
        Assert.InRange(Share(Of(Persona.BargainHunter), IsWeekend), 0.2, 0.36);
    }

    [Fact]
    public void Refunds_speak_of_orders_that_were_completed_before()
    {
        string OrderId(SimulatedEvent e) => System.Text.Json.JsonDocument.Parse(e.Properties).RootElement.GetProperty("order_id").GetString()!;
        Dictionary<string, DateTimeOffset> orders = Events.Where(e => e.Name == EventNames.OrderCompleted)
            .DistinctBy(e => e.MessageId).ToDictionary(OrderId, e => e.OccurredAt);
        SimulatedEvent[] refunds = [.. Events.Where(e => e.Name == EventNames.OrderRefunded)];
        Assert.True(refunds.Length > 100, $"only {refunds.Length} refunds");
        Assert.All(refunds, refund => Assert.True(orders[OrderId(refund)] < refund.OccurredAt));
    }

    [Fact]
    public void Nights_are_quieter_than_days()
    {
        Assert.True(Share(Events, e => LocalHour(e) is >= 1 and < 6) < 0.04);
    }

    private static SimulatedEvent[] Of(Persona persona) =>
        [.. Events.Where(e => e.Type != SimulatedEventType.Identify && Truth.TruthAt(e.CustomerIndex, e.OccurredAt) == persona)];

    private static double Share(SimulatedEvent[] events, Func<SimulatedEvent, bool> has) => events.Count(has) / (double)events.Length;

    // March in Britain is UTC until the 29th; the remaining shift is within the bounds of these tests.
    private static int LocalHour(SimulatedEvent simulated) => simulated.OccurredAt.Hour;

    private static bool IsWeekend(SimulatedEvent simulated) => simulated.OccurredAt.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;

    private static bool Contains(ReadOnlyMemory<byte> json, string text) => System.Text.Encoding.UTF8.GetString(json.Span).Contains(text, StringComparison.Ordinal);
}
