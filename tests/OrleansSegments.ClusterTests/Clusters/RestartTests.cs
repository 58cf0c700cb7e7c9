using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Contracts.Models;
using Xunit;

namespace OrleansSegments.ClusterTests.Clusters;

public sealed class RestartTests(TrainedPopulation population)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Everything_acknowledged_is_there_after_a_stop_and_after_a_kill(bool stopped)
    {
        using var folder = population.Copy();
        var ids = Enumerable.Range(0, 100).Select(customer => $"new-{customer}").ToArray();
        CustomerView[] before;
        long sequence;
        int version;
        var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End);
        TestFolder abandoned;
        try
        {
            version = await silo.PublishAsync(new TrainingRequest(SegmentCount: 5, Force: true));
            await silo.RouteAllAsync(ids.SelectMany((id, seed) => RandomShopper.History(id, seed, 8, TrainedPopulation.End.AddDays(-9), TrainedPopulation.End)));
            before = await Task.WhenAll(ids.Select(silo.ViewAsync));
            sequence = (await silo.CensusAsync()).Sequence;
            if (stopped)
                await silo.DisposeAsync();
            abandoned = folder.Copy();
        }
        finally
        {
            await silo.DisposeAsync();
        }

        using var found = abandoned;
        await using var next = await TestSilo.StartAsync(found, TrainedPopulation.End);
        var census = await next.CensusAsync();
        Assert.Equal((version, sequence, (long)TrainedPopulation.Customers + ids.Length), (census.ModelVersion, census.Sequence, census.Population));
        foreach (var view in before)
        {
            var after = await next.ViewAsync(view.Id);
            Assert.Equal((view.Segment, view.EventCount, view.LastEventAt), (after.Segment, after.EventCount, after.LastEventAt));
            Assert.Equal(view.Features, after.Features);
            Assert.Equal(view.TraitsJson, after.TraitsJson);
        }

        var segments = await Conservation.AssertHoldsAsync(next);
        Assert.Equal(segments.Count, TrainedPopulation.Customers + ids.Length);
    }

    [Fact]
    public async Task Events_acknowledged_before_a_restart_are_duplicates_after_it()
    {
        using var folder = new TestFolder();
        var history = RandomShopper.History("customer", 1, 60, TrainedPopulation.End.AddHours(-20), TrainedPopulation.End);
        TestFolder abandoned;
        await using (var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End))
        {
            await silo.RouteAllAsync(history);
            abandoned = folder.Copy();
        }

        using var found = abandoned;
        await using var next = await TestSilo.StartAsync(found, TrainedPopulation.End);
        var receipt = await next.RouteAsync(history);
        Assert.Equal((0, history.Length), (receipt.Accepted, receipt.Duplicates));
        Assert.Equal(history.Length, (await next.ViewAsync("customer")).EventCount);
    }
}
