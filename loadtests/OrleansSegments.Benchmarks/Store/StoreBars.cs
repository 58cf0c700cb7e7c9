using OrleansSegments.Benchmarks.Reports;

namespace OrleansSegments.Benchmarks.Store;

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
