using System.Text;
using OrleansSegments.Simulator;
using Xunit;

namespace OrleansSegments.UnitTests.Simulator;

public sealed class StoryTests
{
    /// <summary>A visit that began before midnight goes on after it.</summary>
    private static readonly TimeSpan VisitLengthMax = TimeSpan.FromHours(1);

    private static readonly Story Told = new() { SaleDay = 24, InactivityDay = 32, ArrivalDay = 40 };
    private static readonly SimulationOptions Options = new() { Customers = 3000, Days = 60, Seed = 9, SliceLength = TimeSpan.FromHours(6), Story = Told };
    private static readonly Simulation Truth = new(Options);
    private static readonly SimulatedEvent[] Events = [.. Truth.Partition().Events()];

    [Fact]
    public void The_day_of_the_sale_has_several_times_the_orders_of_an_ordinary_day()
    {
        double ordinary = Enumerable.Range(10, 14).Average(day => OrdersOn(day).Length);
        Assert.InRange(OrdersOn(Told.SaleDay).Length / ordinary, 3, 12);
        Assert.InRange(OrdersOn(Told.SaleDay + 1).Length / ordinary, 0.5, 1.6);
    }

    [Fact]
    public void Only_the_bargain_prone_come_for_the_sale_and_they_use_coupons()
    {
        SimulatedEvent[] plain = [.. new Simulation(Options with { Story = new Story() }).Partition().Events()];
        HashSet<Guid> ordinary = [.. plain.Select(e => e.MessageId)];
        SimulatedEvent[] added = [.. OrdersOn(Told.SaleDay).Where(e => !ordinary.Contains(e.MessageId))];
        Assert.NotEmpty(added);

        // A shopper of any persona who fell silent in the last three weeks is not yet called dormant.
        Assert.InRange(added.Count(order => Story.BargainProne.Contains(Truth.TruthAt(order.CustomerIndex, order.OccurredAt))) / (double)added.Length, 0.98, 1);
        Assert.InRange(added.Count(e => Encoding.UTF8.GetString(e.Properties.Span).Contains("\"coupon\"", StringComparison.Ordinal)) / (double)added.Length, 0.9, 1);
    }

    [Fact]
    public void The_share_that_leaves_sends_nothing_any_more_and_is_dormant_three_weeks_later()
    {
        DateTimeOffset left = Day(Told.InactivityDay);
        int[] bargainHunters = [.. Enumerable.Range(0, Options.Customers).Where(c => Truth.TruthAt(c, left.AddDays(-1)) == Story.LeavingPersona)];
        int[] leavers = [.. bargainHunters.Where(c => Truth.TruthAt(c, left.AddDays(21)) == Persona.Dormant && Truth.TruthAt(c, left.AddDays(20.9)) != Persona.Dormant)];
        int[] stayers = [.. bargainHunters.Except(leavers)];
        ILookup<int, SimulatedEvent> events = Events.ToLookup(e => e.CustomerIndex);

        Assert.InRange(leavers.Length / (double)bargainHunters.Length, Story.LeavingShare - 0.07, Story.LeavingShare + 0.07);
        Assert.All(leavers, c => Assert.DoesNotContain(events[c], e => e.OccurredAt >= left + VisitLengthMax));
        Assert.InRange(leavers.Count(c => events[c].Any(e => e.OccurredAt >= left.AddDays(-14))) / (double)leavers.Length, 0.85, 1);
        Assert.InRange(stayers.Count(c => events[c].Any(e => e.OccurredAt >= left.AddDays(7))) / (double)stayers.Length, 0.9, 1);
    }

    [Fact]
    public void The_newcomers_exist_only_from_their_day_on()
    {
        ILookup<int, SimulatedEvent> events = Events.ToLookup(e => e.CustomerIndex);
        int[] newcomers = [.. Enumerable.Range(0, Options.Customers).Where(c => Truth.TruthAt(c, Day(Options.Days)) == Persona.BeautyReviewer)];

        Assert.InRange(newcomers.Length / (double)Options.Customers, Story.NewcomerShare - 0.02, Story.NewcomerShare + 0.02);
        Assert.All(newcomers, c =>
        {
            SimulatedEvent first = events[c].MinBy(e => e.OccurredAt);
            Assert.Equal(SimulatedEventType.Identify, first.Type);
            Assert.InRange(first.OccurredAt, Day(Told.ArrivalDay), Day(Told.ArrivalDay + Story.ArrivalDays));
        });
        Assert.Equal(Story.ArrivalDays, newcomers.Select(c => events[c].Min(e => e.OccurredAt).Date).Distinct().Count());
        Assert.Equal(Options.Customers, events.Count);
    }

    [Fact]
    public void Nobody_is_a_newcomer_without_a_story()
    {
        var plain = new Simulation(Options with { Story = null, ChangeShareMonthly = 0.9 });
        Assert.DoesNotContain(Enumerable.Range(0, Options.Customers), c => plain.TruthAt(c, Day(Options.Days)) == Persona.BeautyReviewer);
    }

    /// <summary>A demonstration dates its story after the history, and goes on from there.</summary>
    [Fact]
    public void A_story_can_be_dated_after_the_days_before_it()
    {
        DateTimeOffset now = Day(Told.SaleDay - 1);
        IEnumerable<SimulatedEvent> before = new Simulation(Options with { Story = new Story() }).Partition().Events().TakeWhile(e => e.DeliveredAt < now);
        Assert.Equal(Events.Select(Facts), before.Concat(Truth.From(Told.SaleDay - 1).Events()).Select(Facts));
    }

    [Fact]
    public void A_day_before_the_beginning_is_refused()
    {
        var refused = Assert.Throws<ArgumentOutOfRangeException>(() => new Simulation(Options with { Story = new Story { SaleDay = -1 } }));
        Assert.Contains("Story", refused.Message, StringComparison.Ordinal);
    }

    private static DateTimeOffset Day(int day) => Options.Start.AddDays(day);

    private static SimulatedEvent[] OrdersOn(int day) =>
        [.. Events.Where(e => e.Name == EventNames.OrderCompleted && e.OccurredAt >= Day(day) && e.OccurredAt < Day(day + 1)).DistinctBy(e => e.MessageId)];

    private static (Guid, DateTimeOffset, string) Facts(SimulatedEvent simulated) =>
        (simulated.MessageId, simulated.DeliveredAt, Encoding.UTF8.GetString(simulated.Properties.Span));
}
