using OrleansSegments.ClusterTests.Clusters;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.Engine.Features;
using OrleansSegments.Engine.Segments;
using OrleansSegments.Grains.Customers;
using OrleansSegments.Grains.Models;
using OrleansSegments.Grains.Segments;
using OrleansSegments.Storage.Customers;
using OrleansSegments.TestKit.Time;
using Xunit;

namespace OrleansSegments.ClusterTests.Segments;

public sealed class SegmentMapTests(TrainedPopulation population)
{
    [Fact]
    public async Task Everybody_is_where_the_engine_places_them_and_nobody_is_woken()
    {
        using var folder = population.Copy();
        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End);

        var map = await TakeAsync(silo, 5_000);

        Assert.Equal(0, silo.Service<DirectDoor>().Count);
        Assert.Equal((TrainedPopulation.End, population.ModelVersion, null), (map.AsOf, map.ModelVersion, map.Reason));
        var model = silo.Service<ModelCache>().Current.Model;
        var customers = await ReadAsync(silo);
        float[][] vectors = [.. customers.Select(customer => VectorOf(silo, customer))];
        var plane = PrincipalPlane.Of([.. vectors.SelectMany(vector => vector)], model.FeatureNames.Count);
        Assert.Equal(
            customers.Select((customer, index) => PointOf(customer, plane.Project(vectors[index]))),
            map.Points);
        Assert.Equal(
            model.SegmentIds.Select((id, index) => CentroidOf(SegmentKey.Of(id), model.SegmentNames[index], plane.Project(model.Centroids[index]))),
            map.Centroids);
        Assert.Equal([plane.X.VarianceShare, plane.Y.VarianceShare], map.Axes.Select(axis => axis.VarianceShare));
        Assert.All(map.Axes, axis => Assert.Equal(3, axis.Features.Length));
        var strongest = map.Axes[0].Features[0];
        Assert.Equal(plane.X.Direction.MaxBy(Math.Abs), strongest.Loading);
        Assert.Equal(plane.X.Direction[model.FeatureNames.Index().Single(name => name.Item == strongest.Feature).Index], strongest.Loading);

        var census = await silo.CensusAsync();
        Assert.Equal(
            census.Segments.Where(segment => segment.Size > 0).Select(segment => (segment.Id, segment.Size)),
            map.Points.GroupBy(point => point.SegmentId).Select(group => (group.Key, group.LongCount())).OrderBy(segment => int.Parse(segment.Key[1..])));
        foreach (var point in map.Points.Take(50))
            Assert.Equal((await silo.ViewAsync(point.CustomerId)).Segment.Id, point.SegmentId);
    }

    [Fact]
    public async Task A_smaller_map_is_the_beginning_of_a_larger_one_within_limits()
    {
        using var folder = population.Copy();
        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End);

        var all = await TakeAsync(silo, int.MaxValue);

        Assert.Equal(TrainedPopulation.Customers, all.Points.Length);
        foreach (var (customers, points) in new[] { (-1, 10), (10, 10), (11, 11), (700, 700), (1_500, 1_500), (5_000, 1_500) })
            Assert.Equal(all.Points.Take(points), (await TakeAsync(silo, customers)).Points);
    }

    [Fact]
    public async Task Points_move_on_a_plane_that_stays_over_restarts_until_the_model_changes()
    {
        using var folder = population.Copy();
        SegmentMap first;
        await using (var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End))
            first = await TakeAsync(silo, 100);

        await using var later = await TestSilo.StartAsync(folder, TrainedPopulation.End.AddDays(2));
        var second = await TakeAsync(later, 100);

        AssertSamePlane(first, second);
        Assert.Equal(first.Points.Select(point => point.CustomerId), second.Points.Select(point => point.CustomerId));
        Assert.NotEqual(first.Points, second.Points);

        var version = await later.PublishAsync(new TrainingRequest(SegmentCount: 5, Force: true));
        var third = await TakeAsync(later, 100);
        Assert.Equal((version, 5), (third.ModelVersion, third.Centroids.Length));
        Assert.NotEqual(first.Axes.Select(axis => axis.VarianceShare), third.Axes.Select(axis => axis.VarianceShare));
    }

    [Fact]
    public async Task Before_the_first_training_the_map_is_empty_and_says_why()
    {
        using var folder = new TestFolder();
        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End);
        await silo.RouteAllAsync([RandomShopper.Order("ada", "m", TrainedPopulation.End)]);

        var map = await TakeAsync(silo, 100);

        Assert.Equal((0, 0, 0, 0), (map.ModelVersion, map.Axes.Length, map.Centroids.Length, map.Points.Length));
        Assert.Contains("first training", map.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_more_customers_than_fit_those_of_the_lowest_hashes_are_shown()
    {
        const int Customers = 12_000;
        using var folder = new TestFolder();
        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End);
        await silo.RouteAllAsync(Enumerable.Range(0, Customers).Select(number => RandomShopper.Order(
            $"customer-{number}", "m", TrainedPopulation.End.AddHours(-number % 999), $$"""{"revenue":{{number % 97}}}""")));
        await silo.PublishAsync(new TrainingRequest(SegmentCount: 3, Force: true));

        var map = await TakeAsync(silo, 5_000);

        Assert.Equal(
            Enumerable.Range(0, Customers).Select(number => $"customer-{number}").OrderBy(id => Engine.Clustering.StableHash.Of(id)).Take(5_000),
            map.Points.Select(point => point.CustomerId));
    }

    [Fact]
    public async Task Three_silos_draw_the_map_of_one()
    {
        await using var cluster = await SiloCluster.StartTrainedAsync(population, 3, TrainedPopulation.End);
        using var folder = population.Copy();
        await using var alone = await TestSilo.StartAsync(folder, TrainedPopulation.End);

        var expected = await TakeAsync(alone, 5_000);
        foreach (var silo in cluster.Silos)
        {
            var map = await TakeAsync(silo, 5_000);
            AssertSamePlane(expected, map);
            Assert.Equal(expected.Points, map.Points);
        }
    }

    /// <summary>Callers that come while a pass runs share it; its result serves until it is too old or outdated.</summary>
    [Fact]
    public async Task A_pass_is_shared_and_kept_until_it_is_old_outdated_or_failed()
    {
        var clock = new ManualTimeProvider();
        var passes = new List<TaskCompletionSource<int>>();
        var isOutdated = false;
        var shared = new SharedPass<int>(
            TimeSpan.FromSeconds(5),
            clock,
            () =>
            {
                passes.Add(new TaskCompletionSource<int>());
                return passes[^1].Task;
            },
            _ => !isOutdated);

        var both = Task.WhenAll(shared.ReadAsync(), shared.ReadAsync());
        clock.Advance(TimeSpan.FromSeconds(9));
        var third = shared.ReadAsync();
        passes.Single().SetResult(1);
        Assert.Equal((1, 1, 1), ((await both)[0], (await both)[1], await third));

        _ = shared.ReadAsync();
        passes[1].SetResult(2);
        clock.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Equal(2, await shared.ReadAsync());
        isOutdated = true;
        var failing = shared.ReadAsync();
        isOutdated = false;
        passes[2].SetException(new IOException());
        await Assert.ThrowsAsync<IOException>(() => failing);
        _ = shared.ReadAsync();
        Assert.Equal(4, passes.Count);
    }

    private static Task<SegmentMap> TakeAsync(TestSilo silo, int customers) => silo.Grains.GetGrain<ISegmentMap>(0).Take(customers);

    private static void AssertSamePlane(SegmentMap expected, SegmentMap actual)
    {
        Assert.Equal(expected.Axes.Select(axis => axis.VarianceShare), actual.Axes.Select(axis => axis.VarianceShare));
        Assert.Equal(expected.Axes.SelectMany(axis => axis.Features), actual.Axes.SelectMany(axis => axis.Features));
        Assert.Equal(expected.Centroids, actual.Centroids);
    }

    private static async Task<StoredCustomer[]> ReadAsync(TestSilo silo) =>
        [.. (await silo.Service<ICustomerStore>().ScanAsync(null, 10_000, CancellationToken.None)).OrderBy(customer => Engine.Clustering.StableHash.Of(customer.CustomerId))];

    private static float[] VectorOf(TestSilo silo, StoredCustomer customer)
    {
        var features = silo.Service<FeatureEngine>();
        var values = new double[features.FeatureCount];
        features.Evaluate(customer.Record.State, TrainedPopulation.End.ToUnixTimeMilliseconds(), values);
        var vector = new float[values.Length];
        silo.Service<ModelCache>().Current.Model.Scaling.Apply(values, vector);
        return vector;
    }

    private static MapPoint PointOf(StoredCustomer customer, (double X, double Y) place) =>
        new(customer.CustomerId, SegmentKey.Of(customer.Record.SegmentId), (float)place.X, (float)place.Y);

    private static MapCentroid CentroidOf(string id, string name, (double X, double Y) place) => new(id, name, (float)place.X, (float)place.Y);
}
