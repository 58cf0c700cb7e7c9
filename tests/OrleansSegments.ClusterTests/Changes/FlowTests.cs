using OrleansSegments.ClusterTests.Clusters;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.ClusterTests.Storage.Places;
using OrleansSegments.Contracts.Changes;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Grains.Changes;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Transitions;
using Xunit;

namespace OrleansSegments.ClusterTests.Changes;

public sealed class FlowTests(TrainedPopulation population)
{
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeMilliseconds(SampleChange.Now);

    [Fact]
    public async Task Flows_add_up_to_the_transitions_between_two_instants()
    {
        using var folder = population.Copy();
        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End);
        await silo.PublishAsync(new TrainingRequest(SegmentCount: 5, Force: true));
        silo.Clock.AdvanceTo(TrainedPopulation.End.AddDays(3));
        await silo.ServeDeadlinesAsync();
        await silo.RouteAllAsync(RandomShopper.History("newcomer", 3, 20, TrainedPopulation.End, TrainedPopulation.End.AddDays(3)));
        var all = await silo.ReadChangesAsync();

        foreach (var (from, to) in new[] { (DateTimeOffset.UnixEpoch, TrainedPopulation.End.AddYears(1)), (TrainedPopulation.End, TrainedPopulation.End.AddDays(3)), (TrainedPopulation.End.AddDays(3), TrainedPopulation.End.AddDays(4)) })
        {
            var flows = await silo.Grains.GetGrain<IChangeFeed>(0).Flows(from, to);

            Assert.Equal((from, to, from, false), (flows.From, flows.To, flows.Since, flows.Cut));
            AssertCounts(all.Where(change => change.OccurredAt >= from && change.OccurredAt < to), flows);
            Assert.NotEmpty(flows.Flows);
        }
    }

    /// <summary>Times that go up on the whole and to and fro by seconds, as those of several silos do; more entries than two pages.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Flows_of_any_period_of_a_random_history_are_those_of_its_transitions(int seed)
    {
        await using var place = await EmbeddedPlace.NewAsync();
        await using var run = await place.OpenAsync();
        var random = new Random(seed);
        var all = await WriteAsync(run, random, customers: 1_000, moves: 10);
        var span = (all[^1].OccurredAt - Start).TotalSeconds;

        for (var attempt = 0; attempt < 30; attempt++)
        {
            var from = Start.AddSeconds(random.NextDouble() * span);
            var to = from.AddSeconds(random.NextDouble() * span);
            var flows = await new FlowCount(run.Customers, from, to).TakeAsync();

            Assert.Equal((from, false), (flows.Since, flows.Cut));
            AssertCounts(all.Where(change => change.OccurredAt >= from && change.OccurredAt < to), flows);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(4_096)]
    [InlineData(5_000)]
    public async Task A_count_that_reaches_its_limit_says_so_and_is_complete_from_the_instant_that_it_names(int entriesMax)
    {
        await using var place = await EmbeddedPlace.NewAsync();
        await using var run = await place.OpenAsync();
        var all = await WriteAsync(run, new Random(3), customers: 600, moves: 10, disorderSeconds: 0);

        var flows = await new FlowCount(run.Customers, Start.AddDays(-1), Start.AddDays(9)).TakeAsync(entriesMax);

        Assert.True(flows.Cut);
        Assert.Equal(all[^entriesMax].OccurredAt.AddMilliseconds(1), flows.Since);
        AssertCounts(all.TakeLast(entriesMax), flows);
        Assert.True(all.Count(change => change.OccurredAt >= flows.Since) <= entriesMax, "everything since then was counted");
    }

    [Fact]
    public async Task An_empty_log_has_no_flows()
    {
        await using var place = await EmbeddedPlace.NewAsync();
        await using var run = await place.OpenAsync();

        var flows = await new FlowCount(run.Customers, Start, Start.AddDays(1)).TakeAsync();

        Assert.Equal((Start, false, 0), (flows.Since, flows.Cut, flows.Flows.Length));
    }

    private static void AssertCounts(IEnumerable<TransitionView> changes, TransitionFlows flows)
    {
        Assert.Equal(
            changes.CountBy(change => (change.From, change.To, change.Cause)).Select(flow => new SegmentFlow(flow.Key.From, flow.Key.To, flow.Key.Cause, flow.Value)).ToHashSet(),
            flows.Flows.ToHashSet());
        Assert.Equal(flows.Flows.Select(flow => flow.Count).OrderDescending(), flows.Flows.Select(flow => flow.Count));
    }

    /// <summary>Moves customers between six segments, into the population and out of it; returns the log.</summary>
    private static async Task<TransitionView[]> WriteAsync(StoreRun run, Random random, int customers, int moves, int disorderSeconds = 30)
    {
        var segments = new int?[customers];
        for (var move = 1; move <= moves; move++)
        {
            var round = move;
            await run.CommitAllAsync(Enumerable.Range(0, customers).Select(customer =>
            {
                var to = segments[customer] is not CustomerRecord.OutsideSegmentId && random.Next(9) == 0 && round > 1 ? CustomerRecord.OutsideSegmentId : random.Next(6);
                var change = SampleChange.Of($"c:{customer}", round, segments[customer], to) with
                {
                    Cause = (TransitionCause)random.Next(1, 7),
                    OccurredAtMilliseconds = SampleChange.Now + (1_000L * round) + (disorderSeconds == 0 ? customer : random.Next(1_000 * disorderSeconds)),
                };
                segments[customer] = to;
                return change;
            }));
        }

        return [.. (await run.TransitionsAsync()).Select(TransitionViews.Of)];
    }
}
