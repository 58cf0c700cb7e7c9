namespace OrleansSegments.CrashTests.Runs;

/// <summary>The kills to perform and the load.</summary>
public sealed record CrashRunOptions
{
    /// <summary>The kills, one after another.</summary>
    public required IReadOnlyList<KillMoment> Moments { get; init; }

    /// <summary>Repeats the events and the kills of an earlier run, as far as two processes are repeatable.</summary>
    public required int Seed { get; init; }

    /// <summary>After every n-th kill, and after the last, everything is compared with a clean run.</summary>
    public int CompareEvery { get; init; } = 5;

    public int Customers { get; init; } = 600;

    /// <summary>Minimum number of new batches acknowledged before each kill; the maximum is twice as many, chosen at random.</summary>
    public int BatchesMin { get; init; } = 60;

    public int BatchEvents { get; init; } = 40;

    public int Senders { get; init; } = 8;

    /// <summary>The program to start, with the arguments before <c>up</c>; null for the silo itself.</summary>
    public (string Program, IReadOnlyList<string> Prefix)? Program { get; init; }

    /// <summary>Plans each kind of kill that the store allows in a seeded order, repeatedly.</summary>
    public static IReadOnlyList<KillMoment> Plan(int kills, int seed, bool hasServer)
    {
        var random = new Random(seed);
        KillMoment[] possible = [.. Enum.GetValues<KillMoment>().Where(moment => hasServer || moment != KillMoment.StoreServer)];
        var plan = new List<KillMoment>();
        while (plan.Count < kills)
        {
            random.Shuffle(possible);
            plan.AddRange(possible);
        }

        return plan[..kills];
    }
}

/// <summary>What is going on when something is killed.</summary>
public enum KillMoment
{
    /// <summary>Events are being sent.</summary>
    Load,

    /// <summary>The same, during a training.</summary>
    Training,

    /// <summary>The same, during a roll-out.</summary>
    Rollout,

    /// <summary>A silo killed under load is killed again during its start.</summary>
    StartUp,

    /// <summary>A silo killed under load is killed again as soon as it serves, while all senders are waiting for it.</summary>
    AfterStart,

    /// <summary>No events are sent, and customers' deadlines pass.</summary>
    Due,

    /// <summary>Events are being sent, and the store's server is killed instead of the silo.</summary>
    StoreServer,
}
