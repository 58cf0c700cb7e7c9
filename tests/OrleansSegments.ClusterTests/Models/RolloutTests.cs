using Microsoft.Extensions.DependencyInjection;
using OrleansSegments.ClusterTests.Clusters;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Grains.Customers;
using OrleansSegments.Grains.Models;
using OrleansSegments.Storage.Customers;
using Xunit;

namespace OrleansSegments.ClusterTests.Models;

public sealed class RolloutTests(TrainedPopulation population)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_a_rollout_every_customer_answers_with_the_new_model_in_memory_or_not(bool halfInMemory)
    {
        using var folder = population.Copy();
        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End);
        await silo.ForgetCustomersAsync();
        var ids = await ReadIdsAsync(silo);
        foreach (var id in ids.Where((_, index) => halfInMemory && index % 2 == 0))
            await silo.ViewAsync(id);

        var version = await silo.PublishAsync(new TrainingRequest(SegmentCount: 5, Force: true));

        var progress = await silo.Models.Rollout();
        Assert.Equal((version, true, (long)TrainedPopulation.Customers), (progress.ModelVersion, progress.Complete, progress.Evaluated));
        Assert.Equal(halfInMemory ? (ids.Length + 1) / 2 : 0, silo.Service<DirectDoor>().Count);
        Assert.True(progress.Moved > 0, "five segments instead of another number move somebody");
        var moved = (await silo.ReadChangesAsync()).Count(change => change.Cause == "model" && change.ModelVersion == version);
        Assert.Equal(progress.Moved, moved);
        await AssertEveryoneAnswersAsync(silo, ids, version);
        await Conservation.AssertHoldsAsync(silo);
    }

    /// <summary>
    /// Regression: moves by events and time were counted as the model's, and the roll-out of a busy shop gave up after eight passes and
    /// started over.
    /// </summary>
    [Fact]
    public async Task A_rollout_ends_under_a_stream_that_moves_customers_without_pause()
    {
        using var folder = population.Copy();
        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End);
        var ids = await ReadIdsAsync(silo);
        using var done = new CancellationTokenSource();
        var stream = MoveWithoutPauseAsync(silo, ids, done.Token);

        for (var count = 4; count <= 6; count++)
        {
            var before = (await silo.CensusAsync()).Sequence;
            var version = await silo.PublishAsync(new TrainingRequest(SegmentCount: count, Force: true));
            var progress = await silo.Models.Rollout();
            Assert.Equal((version, true, (long)ids.Length), (progress.ModelVersion, progress.Complete, progress.Evaluated));
            Assert.Contains(await silo.ReadChangesAsync(before), change => change.Cause == "event");
        }

        await done.CancelAsync();
        Assert.True(await stream > 0, "events were sent meanwhile");
        await Conservation.AssertHoldsAsync(silo);
    }

    [Fact]
    public async Task A_customer_never_answers_with_a_lower_version_while_models_roll_out()
    {
        using var folder = population.Copy();
        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End);
        var ids = (await ReadIdsAsync(silo)).Where((_, index) => index % 10 == 0).ToArray();
        var models = PublishThreeAsync(silo);
        var seen = ids.ToDictionary(id => id, _ => population.ModelVersion);
        do
        {
            foreach (var id in ids)
            {
                var view = await silo.ViewAsync(id);
                Assert.True(view.Segment.ModelVersion >= seen[id], $"{id} answered with model {seen[id]} and then with {view.Segment.ModelVersion}");
                seen[id] = view.Segment.ModelVersion;
            }
        }
        while (!models.IsCompleted);

        await AssertEveryoneAnswersAsync(silo, ids, await models);
    }

    // A stored deadline earlier than the new model's is kept: the customer is then evaluated too early, which is harmless.
    [Fact]
    public async Task After_a_rollout_every_customer_is_evaluated_again_no_later_than_the_new_model_requires()
    {
        using var folder = population.Copy();
        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End);
        var store = silo.Service<ICustomerStore>();
        var everybody = await store.ScanAsync(null, 10_000, CancellationToken.None);
        var inAYear = TrainedPopulation.End.AddYears(1).ToUnixTimeMilliseconds();
        await store.UpdateDeadlinesAsync(
            [.. everybody.Where((_, i) => i % 2 == 0).Select(c => new DeadlineUpdate(c.CustomerId, c.Record.Version, inAYear))], CancellationToken.None);
        var before = (await store.ScanAsync(null, 10_000, CancellationToken.None)).ToDictionary(c => c.CustomerId);
        await silo.PublishAsync(new TrainingRequest(SegmentCount: 5, Force: true));
        var evaluator = silo.Service<CustomerEvaluator>();
        var model = silo.Service<ModelCache>().Current;
        var now = TrainedPopulation.End.ToUnixTimeMilliseconds();

        var (moved, earlier) = (0, 0);
        foreach (var (id, record, dueAt) in await store.ScanAsync(null, 10_000, CancellationToken.None))
        {
            var byModel = evaluator.LookAgainAt(model, evaluator.Place(model, record, record.State, now), record.State, now)!.Value;
            var stored = before[id].DueAtMilliseconds!.Value;
            if (record.Version > before[id].Record.Version)
            {
                Assert.Equal(byModel, dueAt);
                moved++;
            }
            else
            {
                Assert.Equal(Math.Min(byModel, stored), dueAt);
                earlier += byModel < stored ? 1 : 0;
            }
        }

        Assert.True(moved > 0 && earlier > 0, $"{moved} moved, {earlier} have an earlier deadline.");
        var listed = await store.ReadDueAsync(long.MaxValue - 1, 10_000, CancellationToken.None);
        Assert.Equal(before.Count, listed.Count);
    }

    [Fact]
    public async Task Publishing_an_earlier_model_again_moves_everyone_back_under_a_higher_version()
    {
        using var folder = population.Copy();
        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End);
        var before = await Conservation.AssertHoldsAsync(silo);
        var second = await silo.PublishAsync(new TrainingRequest(SegmentCount: 4, Force: true));
        var between = await Conservation.AssertHoldsAsync(silo);

        var again = (await silo.Models.Republish(population.ModelVersion))!;
        await silo.WaitForRolloutAsync(again.Version);

        Assert.True(again.Version > second, $"{again.Version} follows {second}");
        Assert.NotEqual(before, between);
        var after = await Conservation.AssertHoldsAsync(silo);
        await AssertEveryoneAnswersAsync(silo, after.Keys, again.Version);
        Assert.Equal(before.Values.Distinct().Order(), after.Values.Distinct().Order());

        // Hysteresis keeps customers between two segments where they came from; all others are back.
        var back = before.Count(customer => after[customer.Key] == customer.Value);
        Assert.True(back > 0.9 * before.Count, $"{back} of {before.Count} customers are back");
        Assert.Null(await silo.Models.Republish(999));
    }

    [Fact]
    public async Task A_refused_model_is_kept_with_the_reason_and_reaches_nobody()
    {
        using var folder = population.Copy();
        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End);
        var before = await silo.CensusAsync();

        // Two segments instead of many relabel more customers than the gates allow.
        var report = await silo.TrainAsync(new TrainingRequest(SegmentCount: 2));

        Assert.False(report.Published);
        Assert.Contains(report.Summary!.Gates, gate => !gate.Passed);
        Assert.Contains(report.Summary.Gates.First(gate => !gate.Passed).Sentence, report.Reason, StringComparison.Ordinal);
        var kept = (await silo.Models.List())[0];
        Assert.Equal((report.Summary.Version, false, report.Reason), (kept.Version, kept.Published, kept.Reason));
        Assert.Equal(population.ModelVersion, (await silo.Models.Current()).Version);
        var after = await silo.CensusAsync();
        Assert.Equal((before.Sequence, population.ModelVersion), (after.Sequence, after.ModelVersion));
        Assert.NotEmpty((await silo.Models.Find(kept.Version))!.Document);

        var forced = await silo.PublishAsync(new TrainingRequest(SegmentCount: 2, Force: true));
        Assert.True(forced > kept.Version, "a version that was given out is not given out again");
        Assert.StartsWith("Published by force.", (await silo.Models.List())[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rollout_interrupted_by_a_stop_continues_after_the_restart()
    {
        using var folder = population.Copy();
        int version;
        await using (var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End, services => StopTransitions(services)))
            version = (await silo.TrainAsync(new TrainingRequest(SegmentCount: 4, Force: true))).Summary!.Version;
        await using (var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End))
        {
            await silo.WaitForRolloutAsync(version);
            await AssertEveryoneAnswersAsync(silo, await ReadIdsAsync(silo), version);
            await Conservation.AssertHoldsAsync(silo);
        }
    }

    private static void StopTransitions(IServiceCollection services) =>
        UnreliableStore.Replace(services).Refuse = static _ => CommitOutcome.Unavailable;

    private static async Task<int> PublishThreeAsync(TestSilo silo)
    {
        var version = 0;
        foreach (var segments in (int[])[5, 7, 4])
            version = await silo.PublishAsync(new TrainingRequest(segments, Force: true));
        return version;
    }

    /// <summary>Sends large orders for a few customers, batch after batch; returns the number of batches.</summary>
    private static async Task<int> MoveWithoutPauseAsync(TestSilo silo, string[] ids, CancellationToken done)
    {
        var batches = 0;
        for (; !done.IsCancellationRequested; batches++)
        {
            var receipt = await silo.RouteAsync([.. Enumerable.Range(0, 20).Select(number => RandomShopper.Order(
                ids[((batches * 20) + number) % ids.Length], $"stream-{batches}-{number}", TrainedPopulation.End, """{"revenue":9000}"""))]);
            Assert.Equal(Contracts.Events.RouteStatus.Durable, receipt.Status);
        }

        return batches;
    }

    private static async Task<string[]> ReadIdsAsync(TestSilo silo) =>
        [.. (await silo.Service<ICustomerStore>().ScanAsync(null, 10_000, CancellationToken.None)).Select(customer => customer.CustomerId)];

    private static async Task AssertEveryoneAnswersAsync(TestSilo silo, IEnumerable<string> ids, int version)
    {
        var held = (await silo.CensusAsync()).Segments.Where(segment => segment.Size > 0).Select(segment => segment.Id).ToHashSet();
        foreach (var id in ids)
        {
            var view = await silo.ViewAsync(id);
            Assert.True(view.Segment.ModelVersion == version, $"{id} answers with model {view.Segment.ModelVersion} instead of {version}");
            Assert.Contains(view.Segment.Id, held);
        }
    }
}
