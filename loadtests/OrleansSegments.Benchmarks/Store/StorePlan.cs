using OrleansSegments.TestKit.Postgres;

namespace OrleansSegments.Benchmarks.Store;

/// <summary>Durations and phases of a measurement.</summary>
/// <param name="Sustained">How long to sustain a rate; zero to skip.</param>
/// <param name="Phases">The phases to run; others are skipped.</param>
internal sealed record StorePlan(
    int Customers, TimeSpan Window, int Windows, TimeSpan Sustained, IReadOnlySet<StorePhase> Phases, int BatchEvents);

/// <summary>A phase of the measurement of one store.</summary>
internal enum StorePhase
{
    /// <summary>Full speed, customers drawn uniformly.</summary>
    Uniform,

    /// <summary>Half of the target rate, and for a long time the sustained rate.</summary>
    Paced,

    /// <summary>Full speed, customers drawn by Zipf's law.</summary>
    Zipf,

    /// <summary>Stopped and started again.</summary>
    Restart,
}

/// <summary>The targets of a store; null where there is none.</summary>
/// <param name="EventsPerSecond">Durable events per second with uniform customers.</param>
/// <param name="SustainedEventsPerSecond">The same over many minutes.</param>
/// <param name="LatencyMillisecondsP99">At half of <paramref name="EventsPerSecond"/>.</param>
internal sealed record StoreBars(int? EventsPerSecond, int? SustainedEventsPerSecond, double? LatencyMillisecondsP99)
{
    /// <summary>
    /// With Zipf's law there are fewer customers to write than events, so the rate must be this many times the uniform one.
    /// </summary>
    private const int ZipfFactor = 2;

    /// <summary>Durable events per second with customers drawn by Zipf's law.</summary>
    public double? ZipfEventsPerSecond { get; init; } = EventsPerSecond * ZipfFactor;

    public const double ReadyMillisecondsMax = 2_000;

    public const double FirstAnswerMillisecondsMax = 50;

    public static StoreBars Of(string name) => name switch
    {
        "embedded" => new(100_000, 60_000, 60) { ZipfEventsPerSecond = 120_000 },
        "postgresql" => new(40_000, 40_000, 60),
        _ => new(null, null, null),
    };
}

/// <summary>A store to measure and the server it runs on; disposes of both.</summary>
internal sealed class Served<T>(T contestant, Func<ValueTask> cleanUp) : IAsyncDisposable
    where T : IAsyncDisposable
{
    public T Contestant => contestant;

    public async ValueTask DisposeAsync()
    {
        await contestant.DisposeAsync();
        await cleanUp();
    }
}

/// <summary>PostgreSQL settings typical for heavy writing: more memory, fewer checkpoints, compressed page images. Durable.</summary>
internal static class TunedServer
{
    public static PostgresServerOptions Options()
    {
        var options = new PostgresServerOptions();
        options.Settings["shared_buffers"] = "2GB";
        options.Settings["max_wal_size"] = "16GB";
        options.Settings["checkpoint_timeout"] = "15min";
        options.Settings["wal_compression"] = "lz4";
        return options;
    }
}
