using OrleansSegments.Engine.Features;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Scaling;
using OrleansSegments.Engine.Time;
using OrleansSegments.UnitTests.Clustering;
using OrleansSegments.UnitTests.Features;
using OrleansSegments.UnitTests.Models;

namespace OrleansSegments.UnitTests.Time;

/// <summary>
/// A seeded customer under a seeded model whose centroids lie on the customer's path, some of them nearly at the same place.
/// </summary>
internal sealed record CrossingScenario(FeatureEngine Engine, SegmentModel Model, byte[] State, long Now, int Current, int Settled)
{
    private const int CustomersPerCatalogue = 40;
    private const double DaysMax = 130;

    private static readonly Dictionary<FeatureCatalogue, (byte[] State, long Last)[]> Customers =
        TimeCatalogues.All.ToDictionary(catalogue => catalogue, MakeCustomers);

    public ScaledDecision Decision => new(Model);

    public static CrossingScenario Make(int seed)
    {
        var random = new Random(seed);
        FeatureCatalogue catalogue = TimeCatalogues.All[seed % TimeCatalogues.All.Length];
        var engine = new FeatureEngine(catalogue);
        (byte[] state, long last) = Customers[catalogue][random.Next(CustomersPerCatalogue)];

        // One in twenty is evaluated before its newest event, as with an event from a fast clock.
        long now = last + (long)(random.Next(20) == 0 ? -TestEvent.Hour * random.NextDouble() : Math.Pow(10, random.NextDouble() * 6 - 4) * TestEvent.Day);
        FeatureScaling scaling = RandomScaling(random, Values(engine, state, now + TestEvent.Day));
        float[] At(long time) => Scaled(engine, scaling, state, time);
        float[][] centroids = [.. Enumerable.Range(0, random.Next(2, 2 + random.Next(1, 24))).Select(_ => Near(random, At(Later(random, now))))];
        for (int i = random.Next(3); i > 0; i--)
        {
            MakeTie(random, centroids, At(Later(random, now)));
        }

        SegmentModel model = TestModels.With(new CentroidSet(centroids.Length, scaling.Count, [.. centroids.SelectMany(c => c)]), scaling) with
        {
            HysteresisMargin = random.Next(3) switch { 0 => 0, 1 => 0.15, _ => random.NextDouble() * 0.6 },
        };
        int settled = random.Next(8) switch
        {
            0 => SegmentClassifier.NoSegment,
            1 => 999,
            2 => model.SegmentIds[random.Next(centroids.Length)],
            3 => model.Classifier.Nearest(At(now - (TestEvent.Day * random.Next(30)))).SegmentId,
            _ => model.Classifier.Nearest(At(now)).SegmentId,
        };
        return new CrossingScenario(engine, model, state, now, model.Classifier.Decide(At(now), settled).SegmentId, settled);
    }

    /// <summary>The segment at a moment, computed with public methods only.</summary>
    public int SegmentAt(long time, int reference) => Model.Classifier.Decide(Scaled(Engine, Model.Scaling, State, time), reference).SegmentId;

    private static (byte[] State, long Last)[] MakeCustomers(FeatureCatalogue catalogue) =>
    [
        ([], TestEvent.Start),
        .. Enumerable.Range(1, CustomersPerCatalogue - 1).Select(seed =>
        {
            var random = new Random(seed);
            List<TestEvent> history = RandomHistory.Make(random, random.Next(1, 60));
            return (new CustomerUnderTest(catalogue).Receive(history).State, history.Max(e => e.At));
        }),
    ];

    private static FeatureScaling RandomScaling(Random random, double[] typical)
    {
        double[] Each(Func<double, double> make) => [.. typical.Select(make)];
        double[] clip = Each(_ => random.Next(2) == 0 ? FeatureScaling.ClipDefault : 0.1 + (random.NextDouble() * 7));
        return new FeatureScaling(
            Each(value => double.IsNaN(value) ? 0 : value * random.NextDouble()),
            Each(_ => random.Next(10) == 0 ? 0 : Math.Pow(10, (random.NextDouble() * 3) - 2)),
            clip,
            [.. clip.Select(c => random.Next(20) == 0 ? 0 : random.NextDouble() * FeatureGrid.Limit / c)]);
    }

    /// <summary>Sometimes at a full hour, which the search evaluates.</summary>
    private static long Later(Random random, long now) => random.Next(5) switch
    {
        0 => CrossingTime.NextHour(now) + (random.Next(3) * TestEvent.Hour),
        1 => now + (long)(Math.Pow(DaysMax * 1440, random.NextDouble()) * 60_000),
        _ => now + (long)(random.NextDouble() * DaysMax * TestEvent.Day),
    };

    private static float[] Near(Random random, float[] x)
    {
        double spread = new[] { 0, 1e-6, 1e-3, 0.3, 3 }[random.Next(5)];
        return [.. x.Select(v => v + (float)(spread * ClusterData.Normal(random)))];
    }

    /// <summary>Puts one centroid opposite another, or beside it, so that a vector is equally near to both.</summary>
    private static void MakeTie(Random random, float[][] centroids, float[] x)
    {
        float[] one = centroids[random.Next(centroids.Length)];
        float step = random.Next(3) * (float)(1 / FeatureGrid.UnitsPerOne);
        bool mirror = random.Next(2) == 0;
        centroids[random.Next(centroids.Length)] = [.. one.Select((v, d) => (mirror ? (2 * x[d]) - v : v) + (random.Next(2) * step))];
    }

    private static double[] Values(FeatureEngine engine, byte[] state, long time)
    {
        var values = new double[engine.FeatureCount];
        engine.Evaluate(state, time, values);
        return values;
    }

    private static float[] Scaled(FeatureEngine engine, FeatureScaling scaling, byte[] state, long time)
    {
        var scaled = new float[engine.FeatureCount];
        scaling.Apply(Values(engine, state, time), scaled);
        return scaled;
    }
}

/// <summary>A model as customers use it: scale, then nearest with hysteresis; also in lanes.</summary>
internal readonly struct ScaledDecision(SegmentModel model) : ISegmentDecision
{
    public SegmentLanes? Lanes => model.Classifier.Lanes;

    public int Decide(ReadOnlySpan<double> values, int referenceSegment)
    {
        Span<float> scaled = stackalloc float[values.Length];
        model.Scaling.Apply(values, scaled);
        return model.Classifier.Decide(scaled, referenceSegment).SegmentId;
    }
}
