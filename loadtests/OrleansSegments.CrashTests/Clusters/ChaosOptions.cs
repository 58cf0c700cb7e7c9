using OrleansSegments.CrashTests.Checks;

namespace OrleansSegments.CrashTests.Clusters;

/// <summary>The faults to inject into a cluster, and the load.</summary>
public sealed record ChaosOptions
{
    /// <summary>The faults, one after another.</summary>
    public required IReadOnlyList<ChaosMoment> Moments { get; init; }

    /// <summary>Repeats the events and the order of an earlier run, as far as processes are repeatable.</summary>
    public required int Seed { get; init; }

    public int Silos { get; init; } = 3;

    public int Customers { get; init; } = 600;

    public int BatchEvents { get; init; } = 40;

    public int Senders { get; init; } = 8;

    /// <summary>Minimum number of new batches acknowledged before each fault.</summary>
    public int BatchesMin { get; init; } = 60;

    /// <summary>
    /// Number of customers that get an event before the fault and one right after it. With three silos the lost silo holds some of them,
    /// except with a probability of 1e-8.
    /// </summary>
    public int Probes { get; init; } = 48;

    /// <summary>How long a silo is stalled or cut off. A silo is declared dead after three missed probes of 3 s.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Plans each possible kind of fault in a seeded order, repeatedly.</summary>
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

/// <summary>The kinds of faults injected into a cluster under load.</summary>
public enum ChaosMoment
{
    /// <summary>SIGKILL of one silo; another process replaces it some seconds later.</summary>
    SiloKilled,

    /// <summary>SIGSTOP of one silo for longer than the failure detection takes, then SIGCONT.</summary>
    SiloStalled,

    /// <summary>
    /// One silo's network is cut for longer than the failure detection takes, then restored. It still reaches the database and could go on
    /// writing: the hardest case.
    /// </summary>
    SiloCutOff,

    /// <summary>One silo after another is stopped and restarted, each when the previous one is ready.</summary>
    RollingRestart,

    /// <summary>SIGKILL of the database server, which is then restarted.</summary>
    StoreServerKilled,
}

/// <summary>One fault and its findings.</summary>
/// <param name="FirstEvents">From the fault until every probed customer had an event accepted, including those of the lost silo.</param>
/// <param name="Whole">From the fault until all silos and the API were ready again.</param>
/// <param name="Refusals">429 and 503 answers with Retry-After meanwhile.</param>
/// <param name="Unanswered">Requests without an answer meanwhile.</param>
/// <param name="Findings">The findings.</param>
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
