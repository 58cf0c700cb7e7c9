using System.Globalization;

namespace OrleansSegments.Simulator;

/// <summary>A seeded population of shoppers with known personas: the ground truth for judging discovered segments.</summary>
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
    /// The shopper's persona at a time. A silent shopper counts as dormant after 21 days of silence; other changes count from the day they
    /// happen. A newcomer of a story is of the new kind from its first event on; before, it does not exist and nobody can ask about it.
    /// </summary>
    public Persona TruthAt(int customerIndex, DateTimeOffset time)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(customerIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(customerIndex, Options.Customers);
        int day = DayAt(time);
        return _timeline.At(customerIndex, day).TruthAt(day);
    }

    /// <summary>True when the shopper's persona changed less than 21 days ago, so that its features cannot have settled.</summary>
    public bool ChangedRecently(int customerIndex, DateTimeOffset time)
    {
        int day = DayAt(time);
        Persona now = _timeline.At(customerIndex, day).TruthAt(day);
        int before = Math.Max(0, day - ShopperState.SilentDaysUntilDormant);
        return _timeline.At(customerIndex, before).TruthAt(before) != now;
    }

    public SimulationPartition Partition(int partition = 0, int partitions = 1) => new(Options, partition, partitions);

    /// <summary>What is delivered from a day on: the rest of <see cref="Partition"/>, without reading all earlier days.</summary>
    public SimulationPartition From(int day) => Partition().From(day);

    private int DayAt(DateTimeOffset time) => (int)Math.Max(0, Math.Floor((time - Options.Start).TotalDays));
}

/// <summary>Parameters of a simulation. Equal options give equal bytes for any partitioning of the customers.</summary>
public sealed record SimulationOptions
{
    /// <summary>1 to 100 million shoppers.</summary>
    public int Customers { get; init; } = 10_000;

    public ulong Seed { get; init; } = 1;

    /// <summary>The beginning of the first simulated day; days are 24 hours from then on.</summary>
    public DateTimeOffset Start { get; init; } = new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero);

    /// <summary>1 to 3,650 simulated days.</summary>
    public int Days { get; init; } = 30;

    /// <summary>Length of the slices in which a partition is read; must divide a day.</summary>
    public TimeSpan SliceLength { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Share of events delivered twice with the same message id.</summary>
    public double DuplicateShare { get; init; } = 0.005;

    /// <summary>Share of events delivered minutes to hours after they occurred, always less than 24 hours.</summary>
    public double LateShare { get; init; } = 0.01;

    /// <summary>Share of active shoppers that change persona within 30 days.</summary>
    public double ChangeShareMonthly { get; init; } = 0.006;

    /// <summary>Share of active shoppers that fall silent within 30 days.</summary>
    public double LapseShareMonthly { get; init; } = 0.01;

    /// <summary>Share of silent shoppers that return within 30 days.</summary>
    public double ReturnShareMonthly { get; init; } = 0.03;

    /// <summary>What happens on top of ordinary traffic; null for nothing.</summary>
    public Story? Story { get; init; }

    /// <summary>Throws when a value is out of its range, naming the value and the range.</summary>
    public void Validate()
    {
        Require(Customers is >= 1 and <= 100_000_000, nameof(Customers), Customers, "1 to 100000000");
        Require(Days is >= 1 and <= 3_650, nameof(Days), Days, "1 to 3650");
        Require(
            SliceLength >= TimeSpan.FromMinutes(1) && SliceLength <= TimeSpan.FromDays(1) && TimeSpan.TicksPerDay % SliceLength.Ticks == 0,
            nameof(SliceLength), SliceLength, "a divisor of a day, from a minute up");
        Require(
            Story is null || Math.Min(Story.SaleDay, Math.Min(Story.InactivityDay, Story.ArrivalDay)) >= 0, nameof(Story), Story?.ToString() ?? "", "of days from 0 up");
        RequireShare(DuplicateShare, nameof(DuplicateShare));
        RequireShare(LateShare, nameof(LateShare));
        RequireShare(ChangeShareMonthly, nameof(ChangeShareMonthly));
        RequireShare(LapseShareMonthly, nameof(LapseShareMonthly));
        RequireShare(ReturnShareMonthly, nameof(ReturnShareMonthly));
    }

    private static void RequireShare(double value, string name) => Require(value is >= 0 and < 1, name, value, "at least 0 and below 1");

    private static void Require(bool holds, string name, object value, string rule)
    {
        if (!holds)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; it must be {rule}.");
        }
    }
}
