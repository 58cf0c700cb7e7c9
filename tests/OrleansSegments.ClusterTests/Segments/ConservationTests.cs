using OrleansSegments.ClusterTests.Clusters;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Contracts.Models;
using Xunit;

namespace OrleansSegments.ClusterTests.Segments;

public sealed class ConservationTests(TrainedPopulation population)
{
    [Fact]
    public async Task Sizes_add_up_to_the_population_while_events_arrive_and_models_roll_out()
    {
        using var folder = population.Copy();
        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End);
        var events = Enumerable.Range(0, 400).SelectMany(customer => RandomShopper.History(
            customer % 2 == 0 ? $"shopper-{customer:0000000}" : $"new-{customer}", customer, 10, TrainedPopulation.End.AddDays(-5), TrainedPopulation.End));
        var traffic = silo.RouteAllAsync(events);
        var models = RollOutAsync(silo);
        var busy = Task.WhenAll(traffic, models);
        var watches = Task.WhenAll(Enumerable.Range(0, 2).Select(_ => WatchAsync(silo, busy)));

        await busy;
        Assert.All(await watches, watched => Assert.True(watched > 1, "the census was taken meanwhile"));
        await Conservation.AssertHoldsAsync(silo);
        Assert.Equal(TrainedPopulation.Customers + 200, (await silo.CensusAsync()).Population);
    }

    /// <summary>
    /// Regression: deadlines are searched up to a horizon only, and customers that did nothing for longer were never evaluated again.
    /// </summary>
    [Fact]
    public async Task Sizes_members_answers_and_rows_agree_after_hours_days_and_a_year_of_silence()
    {
        using var folder = population.Copy();
        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End);
        foreach (var hours in (int[])[1, 7, 24 * 9, 24 * 40, 24 * 365])
        {
            silo.Clock.AdvanceTo(TrainedPopulation.End.AddHours(hours));
            await silo.ServeDeadlinesAsync();
            await Conservation.AssertHoldsAsync(silo);
        }
    }

    private static async Task RollOutAsync(TestSilo silo)
    {
        await silo.PublishAsync(new TrainingRequest(SegmentCount: 5, Force: true));
        await silo.PublishAsync(new TrainingRequest(SegmentCount: 8, Force: true));
    }

    private static async Task<int> WatchAsync(TestSilo silo, Task busy)
    {
        var watched = 0;
        var sequence = 0L;
        var version = 0;
        for (; !busy.IsCompleted; watched++)
        {
            var census = await silo.CensusAsync();
            Conservation.AssertAddsUp(census);
            Assert.True(census.Sequence >= sequence && census.ModelVersion >= version, "a census is never older than the one before");
            (sequence, version) = (census.Sequence, census.ModelVersion);
            await Task.Yield();
        }

        return watched;
    }
}
