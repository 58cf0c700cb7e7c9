using OrleansSegments.Benchmarks.Reports;

namespace OrleansSegments.Benchmarks.KMeans;

/// <summary>Runs <see cref="KMeansBenchmark"/> five times.</summary>
internal static class KMeansCommand
{
    private const int Runs = 5;

    public static int Run()
    {
        KMeansBenchmark.Measure(rows: 50_000);
        KMeansFigures[] runs = [.. Enumerable.Range(0, Runs).Select(_ => KMeansBenchmark.Measure())];
        return BenchReport.Write(
            "kmeans",
            "1,000,000 x 16, K = 16, one core; the later rounds move changed rows only, with the bits of a full round.",
            [
                new("first round, every row summed", "ms", 100, true, [.. runs.Select(r => r.FirstRoundMilliseconds)]),
                new("later round, median", "ms", 100, true, [.. runs.Select(r => r.RoundMillisecondsP50)]),
                new("seeding on a sample of 16,384", "ms", null, true, [.. runs.Select(r => r.SeedingMilliseconds)]),
                new("choosing K from 4 to 10", "ms", null, true, [.. runs.Select(r => r.ChoiceMilliseconds)]),
                new("one customer's segment", "ns", 1_000, true, [.. runs.Select(r => r.DecideNanoseconds)]),
            ]);
    }
}
