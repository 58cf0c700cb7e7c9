namespace OrleansSegments.Simulator;

/// <summary>What to simulate. Equal options give equal bytes, however the customers are spread over partitions.</summary>
public sealed record SimulationOptions
{
    /// <summary>1 to 100 million shoppers.</summary>
    public int Customers { get; init; } = 10_000;

    public ulong Seed { get; init; } = 1;

    /// <summary>When the first simulated day begins; days are 24 hours from here on.</summary>
    public DateTimeOffset Start { get; init; } = new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero);

    /// <summary>1 to 3,650 simulated days.</summary>
    public int Days { get; init; } = 30;

    /// <summary>Length of the slices a partition is read in; a whole number of them makes a day.</summary>
    public TimeSpan SliceLength { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Share of events that are delivered twice with the same message id.</summary>
    public double DuplicateShare { get; init; } = 0.005;

    /// <summary>Share of events that are delivered minutes to hours after they occurred, always less than 24 hours.</summary>
    public double LateShare { get; init; } = 0.01;

    /// <summary>Share of the active shoppers who take on another persona within 30 days.</summary>
    public double ChangeShareMonthly { get; init; } = 0.006;

    /// <summary>Share of the active shoppers who fall silent within 30 days.</summary>
    public double LapseShareMonthly { get; init; } = 0.01;

    /// <summary>Share of the silent shoppers who come back within 30 days.</summary>
    public double ReturnShareMonthly { get; init; } = 0.03;

    /// <summary>Throws when a value is out of its range, naming the value and the range.</summary>
    public void Validate()
    {
        Require(Customers is >= 1 and <= 100_000_000, nameof(Customers), Customers, "1 to 100000000");
        Require(Days is >= 1 and <= 3_650, nameof(Days), Days, "1 to 3650");
        Require(
            SliceLength >= TimeSpan.FromMinutes(1) && SliceLength <= TimeSpan.FromDays(1) && TimeSpan.TicksPerDay % SliceLength.Ticks == 0,
            nameof(SliceLength), SliceLength, "a divisor of a day, from a minute up");
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
