namespace OrleansSegments.CrashTests.Clusters;

/// <summary>What to do to a cluster, and how much of it.</summary>
public sealed record ChaosOptions
{
    /// <summary>What happens, one after the other.</summary>
    public required IReadOnlyList<ChaosMoment> Moments { get; init; }

    /// <summary>Repeats the events and the order of an earlier run as far as processes can be repeated.</summary>
    public required int Seed { get; init; }

    public int Silos { get; init; } = 3;

    public int Customers { get; init; } = 600;

    public int BatchEvents { get; init; } = 40;

    public int Senders { get; init; } = 8;

    /// <summary>New batches that are acknowledged before each blow, at least.</summary>
    public int BatchesMin { get; init; } = 60;

    /// <summary>Customers who each get an event before the blow, and one right after it. With three silos the one that is gone held some of them but for one case in 10^8.</summary>
    public int Probes { get; init; } = 48;

    /// <summary>How long a silo stands still, or is cut off. A silo is given up after three probes of 3 s without an answer.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Each kind of blow that is possible, in a seeded order, again and again.</summary>
    public static IReadOnlyList<ChaosMoment> Plan(int blows, int seed, bool canCut)
    {
        var random = new Random(seed);
        ChaosMoment[] possible = [.. Enum.GetValues<ChaosMoment>().Where(moment => canCut || moment != ChaosMoment.SiloCutOff)];
        var plan = new List<ChaosMoment>();
        while (plan.Count < blows)
        {
            random.Shuffle(possible);
            plan.AddRange(possible);
        }

        return plan[..blows];
    }
}
