namespace OrleansSegments.Benchmarks.Store;

/// <summary>How long to measure what.</summary>
/// <param name="Sustained">How long a sustained rate is kept up; zero for not at all.</param>
/// <param name="Phases">Which of <see cref="StorePhase"/>; the others are left out.</param>
internal sealed record StorePlan(
    int Customers, TimeSpan Window, int Windows, TimeSpan Sustained, IReadOnlySet<StorePhase> Phases, int BatchEvents);
