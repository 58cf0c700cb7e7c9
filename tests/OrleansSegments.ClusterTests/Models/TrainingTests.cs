using Microsoft.Extensions.DependencyInjection;
using OrleansSegments.ClusterTests.Clusters;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.Grains.Training;
using Xunit;

namespace OrleansSegments.ClusterTests.Models;

public sealed class TrainingTests(TrainedPopulation population)
{
    [Fact]
    public async Task Training_again_on_the_same_customers_keeps_every_segment_with_its_name()
    {
        using var folder = population.Copy();
        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End);
        var before = await silo.CensusAsync();

        var version = await silo.PublishAsync();

        var after = await silo.CensusAsync();
        Assert.Equal(before.Segments.Select(segment => (segment.Id, segment.Name)), after.Segments.Select(segment => (segment.Id, segment.Name)));
        foreach (var segment in after.Segments.Where(segment => segment.Id != SegmentKey.Of(SegmentKey.EveryoneId)))
        {
            Assert.True(SegmentKey.TryParse(segment.Id, out var number), segment.Id);
            var definition = (await silo.Grains.GetGrain<ISegmentGrain>(number).Describe())!;
            Assert.Equal((version, population.ModelVersion, (int?)null), (definition.ModelVersion, definition.FirstModelVersion, definition.EndedByModelVersion));
            Assert.Equal("survived", definition.Lineage[^1].Kind);
        }
    }

    [Fact]
    public async Task The_number_of_segments_is_chosen_within_the_configured_range()
    {
        using var folder = population.Copy();
        await using var silo = await TestSilo.StartAsync(
            folder, TrainedPopulation.End, services => services.Configure<TrainingScheduleOptions>(options => (options.SegmentsMin, options.SegmentsMax) = (5, 6)));

        var report = await silo.TrainAsync(new TrainingRequest(Replan: true, Force: true));

        Assert.InRange(report.Summary!.SegmentCount, 5, 6);
    }

    [Fact]
    public async Task A_configured_and_a_requested_number_of_segments_are_kept_to()
    {
        using var folder = population.Copy();
        await using var silo = await TestSilo.StartAsync(
            folder, TrainedPopulation.End, services => services.Configure<TrainingScheduleOptions>(options => options.SegmentsFixed = 6));

        Assert.Equal(6, (await silo.TrainAsync(new TrainingRequest(Replan: true, Force: true))).Summary!.SegmentCount);
        Assert.Equal(3, (await silo.TrainAsync(new TrainingRequest(SegmentCount: 3, Replan: true, Force: true))).Summary!.SegmentCount);
    }

    [Fact]
    public async Task Too_few_customers_are_not_trained_on_and_the_report_says_so()
    {
        using var folder = new TestFolder();
        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End);
        await silo.RouteAllAsync(Enumerable.Range(0, 49).Select(index => RandomShopper.Order($"customer-{index}", "m", TrainedPopulation.End)));

        var report = await silo.TrainAsync();

        Assert.Equal((false, null), (report.Published, report.Summary));
        Assert.Contains("50", report.Reason, StringComparison.Ordinal);
        Assert.Empty(await silo.Models.List());
        var census = await silo.CensusAsync();
        Assert.Equal((0, 49), (census.ModelVersion, census.Segments.Single(segment => segment.Id == "s0").Size));
    }

    [Fact]
    public async Task Two_trainings_at_once_take_turns_and_get_two_versions()
    {
        using var folder = population.Copy();
        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End);

        var reports = await Task.WhenAll(silo.TrainAsync(new TrainingRequest(4, Force: true)), silo.TrainAsync(new TrainingRequest(4, Force: true)));

        Assert.Equal([population.ModelVersion + 1, population.ModelVersion + 2], reports.Select(report => report.Summary!.Version).Order());
    }
}
