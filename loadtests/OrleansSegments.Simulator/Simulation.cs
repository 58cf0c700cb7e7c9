using System.Globalization;
using OrleansSegments.Simulator.Shoppers;

namespace OrleansSegments.Simulator;

/// <summary>A population of seeded shoppers whose personas are known: the yardstick for segments that others find.</summary>
public sealed class Simulation
{
    private readonly ShopperTimeline _timeline;

    public Simulation(SimulationOptions options)
    {
        options.Validate();
        Options = options;
        _timeline = new ShopperTimeline(options);
    }

    public SimulationOptions Options { get; }

    /// <summary>Mean events per customer and day at the start, without identify events and second deliveries.</summary>
    public static double ExpectedEventsPerCustomerDay { get; } = PersonaCatalogue.ExpectedEventsPerCustomerDay();

    public static string CustomerId(int customerIndex) => string.Create(CultureInfo.InvariantCulture, $"shopper-{customerIndex:0000000}");

    /// <summary>The share of a persona at the start.</summary>
    public static double StartShareOf(Persona persona) => PersonaCatalogue.Of(persona).Share;

    /// <summary>
    /// The persona in force. Who falls silent counts as dormant after 21 days of silence; other changes count from the day they happen.
    /// </summary>
    public Persona TruthAt(int customerIndex, DateTimeOffset time)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(customerIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(customerIndex, Options.Customers);
        int day = DayAt(time);
        return _timeline.At(customerIndex, day).TruthAt(day);
    }

    /// <summary>Whether the truth of a shopper is less than 21 days old, so that its features cannot have settled.</summary>
    public bool ChangedRecently(int customerIndex, DateTimeOffset time)
    {
        int day = DayAt(time);
        Persona now = _timeline.At(customerIndex, day).TruthAt(day);
        int before = Math.Max(0, day - ShopperState.SilentDaysUntilDormant);
        return _timeline.At(customerIndex, before).TruthAt(before) != now;
    }

    public SimulationPartition Partition(int partition = 0, int partitions = 1) => new(Options, partition, partitions);

    private int DayAt(DateTimeOffset time) => (int)Math.Max(0, Math.Floor((time - Options.Start).TotalDays));
}
