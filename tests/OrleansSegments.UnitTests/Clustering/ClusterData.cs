using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Scaling;

namespace OrleansSegments.UnitTests.Clustering;

/// <summary>Seeded data for the clustering tests: Gaussian groups on the grid, and plain uniform vectors.</summary>
internal static class ClusterData
{
    public static float[][] Groups(int seed, int rows, int columns, int groups, double spread = 0.6)
    {
        var random = new Random(seed);
        double[][] centres = [.. Enumerable.Range(0, groups).Select(_ => Vector(random, columns, () => (random.NextDouble() * 6) - 3))];
        return [.. Enumerable.Range(0, rows).Select(_ =>
        {
            double[] centre = centres[random.Next(groups)];
            return centre.Select(c => FeatureGrid.Round(c + (spread * Normal(random)))).ToArray();
        })];
    }

    public static float[] Uniform(Random random, int columns, double reach = 4) =>
        [.. Vector(random, columns, () => (random.NextDouble() * 2 * reach) - reach).Select(FeatureGrid.Round)];

    public static CentroidSet Centroids(Random random, int count, int columns) =>
        new(count, columns, [.. Enumerable.Range(0, count).SelectMany(_ => Uniform(random, columns))]);

    public static FeatureMatrix Matrix(IReadOnlyList<float[]> rows)
    {
        var matrix = new FeatureMatrix(rows[0].Length);
        foreach (float[] row in rows)
        {
            matrix.AddRow(row);
        }

        return matrix;
    }

    public static FeatureMatrix[] Split(float[][] rows, int parts) =>
        [.. Enumerable.Range(0, parts).Select(p => Matrix([.. rows.Where((_, i) => i % parts == p)]))];

    public static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static double[] Vector(Random random, int columns, Func<double> next) =>
        [.. Enumerable.Range(0, columns).Select(_ => next())];
}
