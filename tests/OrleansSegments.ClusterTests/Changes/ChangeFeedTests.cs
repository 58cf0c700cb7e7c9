using OrleansSegments.ClusterTests.Clusters;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Contracts.Changes;
using OrleansSegments.Contracts.Models;
using Xunit;

namespace OrleansSegments.ClusterTests.Changes;

public sealed class ChangeFeedTests(TrainedPopulation population)
{
    [Fact]
    public async Task The_fold_of_all_transitions_is_the_census_and_a_cursor_resumes_with_exactly_the_rest()
    {
        using var folder = population.Copy();
        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End);
        await silo.PublishAsync(new TrainingRequest(SegmentCount: 5, Force: true));
        silo.Clock.AdvanceTo(TrainedPopulation.End.AddDays(30));
        Assert.True(await silo.ServeDeadlinesAsync() > 0, "thirty silent days move somebody");
        await silo.RouteAllAsync(RandomShopper.History("newcomer", 3, 20, TrainedPopulation.End, TrainedPopulation.End.AddDays(4)));

        var all = await silo.ReadChangesAsync();

        Assert.All(all.Zip(all.Skip(1)), pair => Assert.True(pair.First.Sequence < pair.Second.Sequence, $"{pair.Second.Sequence} follows {pair.First.Sequence}"));
        Assert.Equal(["event", "model", "time"], all.Select(change => change.Cause).Distinct().Order());
        var census = await silo.CensusAsync();
        Assert.Equal(all[^1].Sequence, census.Sequence);
        Assert.Equal(
            census.Segments.Where(segment => segment.Size > 0).ToDictionary(segment => segment.Id, segment => segment.Size),
            Fold(all).Values.GroupBy(segmentId => segmentId).ToDictionary(group => group.Key, group => group.LongCount()));
        foreach (var cut in (int[])[0, 1, all.Count / 2, all.Count - 1, all.Count])
        {
            var cursor = cut == 0 ? 0 : all[cut - 1].Sequence;
            Assert.Equal(all.Skip(cut), await silo.ReadChangesAsync(cursor, limit: 10_000));
        }
    }

    [Fact]
    public async Task A_reader_that_waits_is_given_the_next_transition_when_it_is_durable()
    {
        using var folder = population.Copy();
        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End);
        var sequence = (await silo.CensusAsync()).Sequence;
        var waiting = silo.Grains.GetGrain<IChangeFeed>(0).Read(sequence, 10, TimeSpan.FromSeconds(25));

        await silo.RouteAllAsync([RandomShopper.Order("newcomer", "m", TrainedPopulation.End)]);

        var change = Assert.Single(await waiting);
        Assert.Equal(("newcomer", null, "event"), (change.CustomerId, change.From, change.Cause));
        Assert.Equal((await silo.ViewAsync("newcomer")).Segment.Id, change.To);
        Assert.Equal(change, Assert.Single(await silo.Customer("newcomer").History(10)));
    }

    /// <summary>The segment of every customer; each transition must start in the customer's current segment.</summary>
    private static Dictionary<string, string> Fold(IEnumerable<TransitionView> changes)
    {
        var segments = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var change in changes)
        {
            Assert.True(segments.GetValueOrDefault(change.CustomerId) == change.From, $"{change} does not start where the customer was");
            segments[change.CustomerId] = change.To!;
        }

        return segments;
    }
}
