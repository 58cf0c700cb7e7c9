using System.IO.Compression;
using System.Text.Json;
using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Scaling;
using OrleansSegments.Engine.Training;
using Xunit;

namespace OrleansSegments.UnitTests.Clustering;

/// <summary>The trainer compared with the best of 40 scikit-learn runs on a real customer table.</summary>
public sealed class GoldenInertiaTests
{
    private const string Table = "rfm_2010-12_2011-12";

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Inertia_on_real_customers_is_that_of_the_best_of_forty_independent_runs(int count)
    {
        FeatureMatrix matrix = ReadTable(clip: 8);
        double golden = Golden().GetProperty("inertia").GetProperty($"{count}").GetDouble();
        foreach (ulong seed in (ulong[])[1, 2, 3])
        {
            var options = new TrainingOptions
            {
                Clusters = new ClusterCountOptions { Min = count, Max = count },
                Lloyd = LloydOptions.Exhaustive,
                Seed = seed,
            };

            TrainingOutcome outcome = LocalTraining.Drive(new TrainingRun(matrix, options), [new LloydPart(matrix)]);

            double off = (outcome.Sums.Inertia / golden) - 1;
            Assert.True(Math.Abs(off) < 1e-4, $"seed {seed}: {outcome.Sums.Inertia} is {off:E2} off {golden}");
        }
    }

    [Fact]
    public void Sizes_of_four_segments_are_the_golden_ones()
    {
        FeatureMatrix matrix = ReadTable(clip: 8);
        var options = new TrainingOptions { Clusters = new ClusterCountOptions { Min = 4, Max = 4 }, Lloyd = LloydOptions.Exhaustive };

        TrainingOutcome outcome = LocalTraining.Drive(new TrainingRun(matrix, options), [new LloydPart(matrix)]);

        long[] golden = [.. Golden().GetProperty("sizes").GetProperty("4").EnumerateArray().Select(e => e.GetInt64())];
        Assert.All(golden.Zip(outcome.Sums.Counts.OrderDescending()), pair => Assert.InRange(pair.Second, pair.First - 15, pair.First + 15));
    }

    private static JsonElement Golden()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(SharedData.PathOf("reference/golden.json")));
        return document.RootElement.GetProperty("rfm_kmeans").GetProperty(Table).Clone();
    }

    private static FeatureMatrix ReadTable(double clip)
    {
        double[][] rows = [.. SharedData.Lines($"reference/{Table}.csv.gz").Skip(1)
            .Select(line => line.Split(',').Skip(1).Select(v => Math.Log(1 + double.Parse(v))).ToArray())];
        double[] mean = [.. Enumerable.Range(0, 3).Select(d => rows.Average(r => r[d]))];
        double[] deviation = [.. Enumerable.Range(0, 3).Select(d => Math.Sqrt(rows.Average(r => Math.Pow(r[d] - mean[d], 2))))];
        var scaling = new FeatureScaling(mean, deviation, [clip, clip, clip], [1, 1, 1]);
        var matrix = new FeatureMatrix(3);
        var scaled = new float[3];
        foreach (double[] row in rows)
        {
            scaling.Apply(row, scaled);
            matrix.AddRow(scaled);
        }

        return matrix;
    }
}

/// <summary>
/// Locates the real data sets kept outside the repository: in the folder named by SEGMENTS_SHARED, or in a folder "shared" next to any
/// folder above the tests. A test without its data is skipped with a message.
/// </summary>
internal static class SharedData
{
    public static string PathOf(string name)
    {
        string? root = Roots().FirstOrDefault(r => File.Exists(Path.Combine(r, "data", name)));
        Assert.SkipWhen(root is null, $"data/{name} was not found. Set SEGMENTS_SHARED to the folder that holds it.");
        return Path.Combine(root!, "data", name);
    }

    public static string[] Lines(string name)
    {
        using var stream = new GZipStream(File.OpenRead(PathOf(name)), CompressionMode.Decompress);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static IEnumerable<string> Roots()
    {
        if (Environment.GetEnvironmentVariable("SEGMENTS_SHARED") is { Length: > 0 } named)
        {
            yield return named;
        }

        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            yield return Path.Combine(folder.FullName, "shared");
        }
    }
}
