using OrleansSegments.Simulator;
using Xunit;

namespace OrleansSegments.UnitTests.Simulator;

public sealed class SimulatedTruthTests
{
    private static readonly SimulationOptions Options = new() { Customers = 20_000, Days = 90, Seed = 11 };
    private static readonly Simulation Truth = new(Options);

    [Theory]
    [InlineData(30)]
    [InlineData(60)]
    [InlineData(90)]
    public void Few_shoppers_have_changed_recently(int day)
    {
        DateTimeOffset time = Options.Start.AddDays(day);
        int changed = Enumerable.Range(0, Options.Customers).Count(c => Truth.ChangedRecently(c, time));
        Assert.InRange(changed / (double)Options.Customers, 0.001, 0.02);
    }

    [Fact]
    public void Shoppers_lapse_return_and_change()
    {
        int lapsed = 0;
        int returned = 0;
        int changed = 0;
        for (int customer = 0; customer < Options.Customers; customer++)
        {
            Persona before = Truth.TruthAt(customer, Options.Start);
            Persona after = Truth.TruthAt(customer, Options.Start.AddDays(90));
            lapsed += before != after && after == Persona.Dormant ? 1 : 0;
            returned += before != after && before == Persona.Dormant ? 1 : 0;
            changed += before != after && before != Persona.Dormant && after != Persona.Dormant ? 1 : 0;
        }

        Assert.InRange(lapsed, 200, 600);
        Assert.InRange(returned, 80, 320);
        Assert.InRange(changed, 180, 500);
    }

    [Fact]
    public void A_shopper_becomes_dormant_after_three_silent_weeks()
    {
        // No shopper returns or changes here, so lapsing is the only way to become dormant.
        SimulationOptions options = Options with { Customers = 1500, LapseShareMonthly = 0.3, ReturnShareMonthly = 0, ChangeShareMonthly = 0 };
        var truth = new Simulation(options);
        ILookup<int, SimulatedEvent> visits = truth.Partition().Events().Where(e => e.Type != SimulatedEventType.Identify).ToLookup(e => e.CustomerIndex);
        int seen = 0;
        for (int customer = 0; customer < options.Customers; customer++)
        {
            int day = Enumerable.Range(0, options.Days).FirstOrDefault(d => truth.TruthAt(customer, options.Start.AddDays(d)) == Persona.Dormant);
            if (day == 0)
            {
                continue;
            }

            seen++;
            DateTimeOffset dormant = options.Start.AddDays(day);
            Assert.InRange(visits[customer].Count(e => e.OccurredAt >= dormant.AddDays(-20.9) && e.OccurredAt < dormant), 0, 6);
            Assert.DoesNotContain(visits[customer], e => e.Name == EventNames.OrderCompleted && e.OccurredAt >= dormant.AddDays(-20.9));
        }

        Assert.True(seen > 300, $"only {seen} became dormant");
    }

    [Fact]
    public void A_new_persona_sends_its_traits()
    {
        SimulationOptions options = Options with { Customers = 500, ChangeShareMonthly = 0.5, LapseShareMonthly = 0, ReturnShareMonthly = 0 };
        var truth = new Simulation(options);
        ILookup<int, SimulatedEvent> told = truth.Partition().Events().Where(e => e.Type == SimulatedEventType.Identify).ToLookup(e => e.CustomerIndex);
        for (int customer = 0; customer < options.Customers; customer++)
        {
            int changes = Enumerable.Range(1, options.Days - 1)
                .Count(d => truth.TruthAt(customer, options.Start.AddDays(d)) != truth.TruthAt(customer, options.Start.AddDays(d - 1)));
            Assert.Equal(changes + 1, told[customer].Count());
        }
    }

    [Fact]
    public void The_truth_is_asked_only_about_shoppers_that_exist()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Truth.TruthAt(Options.Customers, Options.Start));
        Assert.Throws<ArgumentOutOfRangeException>(() => Truth.TruthAt(-1, Options.Start));
    }

    [Fact]
    public void An_option_out_of_range_is_refused_with_its_name_and_range()
    {
        var refused = Assert.Throws<ArgumentOutOfRangeException>(() => new Simulation(Options with { SliceLength = TimeSpan.FromMinutes(7) }));
        Assert.Contains("SliceLength", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new SimulationPartition(Options with { Customers = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SimulationPartition(Options with { LateShare = 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SimulationPartition(Options, 3, 3));
    }
}
