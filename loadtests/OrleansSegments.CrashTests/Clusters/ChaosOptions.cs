using OrleansSegments.CrashTests.Checks;

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

/// <summary>What happens to a cluster under load.</summary>
public enum ChaosMoment
{
    /// <summary>SIGKILL of one silo; another process takes its place some seconds later.</summary>
    SiloKilled,

    /// <summary>SIGSTOP of one silo for longer than the others believe in it, then SIGCONT.</summary>
    SiloStalled,

    /// <summary>
    /// One silo's network is cut for longer than the others believe in it, then joined again. It still reaches the database, so that it could go on
    /// writing: the hardest case.
    /// </summary>
    SiloCutOff,

    /// <summary>One silo after the other is told to stop and started again, each when the one before is ready.</summary>
    RollingRestart,

    /// <summary>SIGKILL of the database server, and its return.</summary>
    StoreServerKilled,
}

/// <summary>One blow and what was found after it.</summary>
/// <param name="FirstEvents">From the blow until every probed customer had an event accepted, those of the silo that is gone included.</param>
/// <param name="Whole">From the blow until all silos and the API were ready again.</param>
/// <param name="Refusals">Answers 429 and 503 with Retry-After meanwhile.</param>
/// <param name="Unanswered">Requests without an answer meanwhile.</param>
/// <param name="Findings">What is wrong.</param>
public sealed record ChaosRecord(
    int Number,
    ChaosMoment Moment,
    long EventsAcknowledged,
    TimeSpan FirstEvents,
    TimeSpan Whole,
    int Refusals,
    int Unanswered,
    int Customers,
    int Transitions,
    Findings Findings)
{
    public override string ToString() =>
        $"{Number,3}  {Moment,-17}  {EventsAcknowledged,8:N0} events acknowledged, everybody served after {FirstEvents.TotalSeconds,5:N1} s, whole after {Whole.TotalSeconds,5:N1} s, "
        + $"{Refusals} refused, {Unanswered} unanswered, {Customers:N0} customers and {Transitions:N0} transitions checked, wrong: {Findings.Summary()}";
}
