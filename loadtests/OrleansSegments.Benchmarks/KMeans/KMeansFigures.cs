namespace OrleansSegments.Benchmarks.KMeans;

/// <summary>What <see cref="KMeansBenchmark"/> measured. One core; milliseconds but for the last.</summary>
/// <param name="FirstRoundMilliseconds">A round that sums every row.</param>
/// <param name="RoundMillisecondsMin">The fastest of the later rounds, which move changed rows only.</param>
/// <param name="RoundMillisecondsP50">Their median.</param>
/// <param name="SeedingMilliseconds">k-means++ and swaps on 16,384 rows.</param>
/// <param name="ChoiceMilliseconds">The choice of K from 4 to 10 on 4,096 of them, and the seeding of the winner.</param>
/// <param name="DecideNanoseconds">One customer's segment, with hysteresis.</param>
public sealed record KMeansFigures(
    int Rows,
    int Columns,
    int Clusters,
    double FirstRoundMilliseconds,
    double RoundMillisecondsMin,
    double RoundMillisecondsP50,
    double SeedingMilliseconds,
    double ChoiceMilliseconds,
    double DecideNanoseconds);
