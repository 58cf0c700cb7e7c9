using OrleansSegments.TestKit.Postgres;

namespace OrleansSegments.Benchmarks.Store;

/// <summary>How long to measure what.</summary>
/// <param name="Sustained">How long a sustained rate is kept up; zero for not at all.</param>
/// <param name="Phases">Which of <see cref="StorePhase"/>; the others are left out.</param>
internal sealed record StorePlan(
    int Customers, TimeSpan Window, int Windows, TimeSpan Sustained, IReadOnlySet<StorePhase> Phases, int BatchEvents);

/// <summary>A part of the measurement of one store.</summary>
internal enum StorePhase
{
    /// <summary>As fast as it goes, customers drawn uniformly.</summary>
    Uniform,

    /// <summary>At half of the rate that is asked for, and for long at the one that is to be sustained.</summary>
    Paced,

    /// <summary>As fast as it goes, customers drawn by Zipf's law.</summary>
    Zipf,

    /// <summary>Stopped and started again.</summary>
    Restart,
}

/// <summary>What a store is held to; null where nothing is promised.</summary>
/// <param name="EventsPerSecond">Durable events per second, uniform customers.</param>
/// <param name="SustainedEventsPerSecond">The same for many minutes.</param>
/// <param name="LatencyMillisecondsP99">At half of the rate.</param>
internal sealed record StoreBars(int? EventsPerSecond, int? SustainedEventsPerSecond, double? LatencyMillisecondsP99)
{
    /// <summary>By Zipf's law there are fewer customers to write than events, so the rate must be this many times the uniform one.</summary>
    private const int ZipfFactor = 2;

    /// <summary>By Zipf's law.</summary>
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

/// <summary>Something to measure and what it runs on; ends with both gone.</summary>
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

/// <summary>PostgreSQL as its operators set it up for many writes: more memory, fewer checkpoints, compressed page images. Durable.</summary>
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
