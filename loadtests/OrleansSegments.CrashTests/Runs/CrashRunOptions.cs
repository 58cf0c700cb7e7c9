namespace OrleansSegments.CrashTests.Runs;

/// <summary>What to do to the silo, and how much of it.</summary>
public sealed record CrashRunOptions
{
    /// <summary>The moments to kill at, one after the other.</summary>
    public required IReadOnlyList<KillMoment> Moments { get; init; }

    /// <summary>Repeats the events and the kills of an earlier run as far as two processes can be repeated.</summary>
    public required int Seed { get; init; }

    /// <summary>Every so many kills, and after the last, everything is compared with a clean run.</summary>
    public int CompareEvery { get; init; } = 5;

    public int Customers { get; init; } = 600;

    /// <summary>New batches that are acknowledged before each kill, at least; up to twice as many by chance.</summary>
    public int BatchesMin { get; init; } = 60;

    public int BatchEvents { get; init; } = 40;

    public int Senders { get; init; } = 8;

    /// <summary>The program to start, with what stands before <c>up</c> in its arguments; null for the silo's own.</summary>
    public (string Program, IReadOnlyList<string> Prefix)? Program { get; init; }

    /// <summary>Each moment that the store can take, in a seeded order, again and again.</summary>
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

/// <summary>What goes on when something is killed.</summary>
public enum KillMoment
{
    /// <summary>Senders hand in events.</summary>
    Load,

    /// <summary>The same, while a model is trained.</summary>
    Training,

    /// <summary>The same, while a new model goes out to every customer.</summary>
    Rollout,

    /// <summary>A silo that was killed under load is killed again while it starts.</summary>
    StartUp,

    /// <summary>A silo that was killed under load is killed again as soon as it serves, with all senders waiting for it.</summary>
    AfterStart,

    /// <summary>Nobody sends, and customers come due by the passing of time.</summary>
    Due,

    /// <summary>Senders hand in events, and not the silo but the server of its store is killed.</summary>
    StoreServer,
}
