using System.Diagnostics;
using OrleansSegments.Benchmarks.Reports;
using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Training;

namespace OrleansSegments.Benchmarks.KMeans;

/// <summary>
/// <c>bench trainers</c>: compares the built-in training with one seeded by ML.NET on the sample, with and without our Lloyd rounds over
/// the population.
/// </summary>
internal static class TrainersCommand
{
    private const int Rows = 1_000_000;
    private const int SampleRows = 16_384;
    private const int Columns = 16;
    private const int Clusters = 16;
    private const int Runs = 5;
    private const double Megabyte = 1_000_000;

    private sealed record Sample(double Inertia, double Milliseconds, double Megabytes);

    public static int Run()
    {
        FeatureMatrix population = KMeansBenchmark.Groups(Rows, Columns, Clusters);
        FeatureMatrix sample = FirstRows(population);
        var part = new LloydPart(population);
        Measure(part, sample, new TrainingOptions { Seeder = new MlNetSeeder(), Clusters = Fixed });
        Sample[] own = Repeat(part, sample, null, LloydOptions.Default);
        Sample[] refined = Repeat(part, sample, new MlNetSeeder(), LloydOptions.Default);
        Sample[] bare = Repeat(part, sample, new MlNetSeeder(), LloydOptions.Default with { RoundsMax = 0 });
        return BenchReport.Write(
            "trainers",
            $"{Rows:N0} x {Columns} in {Clusters} overlapping groups, a sample of {SampleRows:N0}, K = {Clusters}, seeds 1 to {Runs}; inertia over the population, memory that was allocated.",
            [.. Figures("built-in", own), .. Figures("ML.NET, then our rounds", refined), .. Figures("ML.NET alone", bare)],
            "trainers");
    }

    private static ClusterCountOptions Fixed => new() { Min = Clusters, Max = Clusters };

    private static Sample[] Repeat(LloydPart part, FeatureMatrix sample, ISampleSeeder? seeder, LloydOptions lloyd) =>
        [.. Enumerable.Range(1, Runs).Select(seed => Measure(part, sample, new TrainingOptions { Seeder = seeder, Lloyd = lloyd, Seed = (ulong)seed, Clusters = Fixed }))];

    private static Sample Measure(LloydPart part, FeatureMatrix sample, TrainingOptions options)
    {
        GC.Collect();
        long allocatedBefore = GC.GetTotalAllocatedBytes(precise: true);
        long startedAt = Stopwatch.GetTimestamp();
        TrainingOutcome outcome = LocalTraining.Drive(new TrainingRun(sample, options), [part]);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(startedAt);
        return new Sample(outcome.Sums.Inertia, elapsed.TotalMilliseconds, (GC.GetTotalAllocatedBytes(precise: true) - allocatedBefore) / Megabyte);
    }

    private static IEnumerable<Figure> Figures(string name, Sample[] samples) =>
    [
        new($"inertia, {name}", "", null, true, [.. samples.Select(sample => sample.Inertia)]),
        new($"time, {name}", "ms", null, true, [.. samples.Select(sample => sample.Milliseconds)]),
        new($"allocated, {name}", "MB", null, true, [.. samples.Select(sample => sample.Megabytes)]),
    ];

    private static FeatureMatrix FirstRows(FeatureMatrix population)
    {
        var sample = new FeatureMatrix(Columns, SampleRows);
        float[] row = new float[Columns];
        for (int index = 0; index < SampleRows; index++)
        {
            population.GetRow(index, row);
            sample.SetRow(index, row);
        }

        return sample;
    }
}
