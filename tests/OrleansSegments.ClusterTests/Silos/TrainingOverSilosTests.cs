using OrleansSegments.ClusterTests.Clusters;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Grains.Populations;
using Xunit;

namespace OrleansSegments.ClusterTests.Silos;

/// <summary>
/// A model trained by several silos has the same bits as one trained by a single silo, whatever happens to the silos meanwhile.
/// </summary>
public sealed class TrainingOverSilosTests(TrainedPopulation population)
{
    // After a silent month the published centroids must move far: many rounds, in each of which the counts of changed labels matter.
    private static readonly DateTimeOffset Later = TrainedPopulation.End.AddDays(30);
    private static readonly TrainingRequest Warm = new(Force: true);
    private static readonly TrainingRequest Anew = new(Replan: true, Force: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Three_silos_train_the_same_model_bit_by_bit_and_each_does_its_part(bool isWarm)
    {
        await using var cluster = await SiloCluster.StartTrainedAsync(population, 3, Later);

        var model = await TrainAsync(cluster.First, isWarm ? Warm : Anew);

        await AssertSameAsTrainedAloneAsync(model, isWarm ? Warm : Anew);
        Assert.All(cluster.Silos, silo => Assert.Contains(nameof(IPopulationWorker.Round), silo.Calls().Seen));
    }

    [Theory]
    [InlineData(nameof(IPopulationWorker.Sketch))]
    [InlineData(nameof(IPopulationWorker.Sample))]
    [InlineData(nameof(IPopulationWorker.Round))]
    [InlineData(nameof(IPopulationWorker.Describe))]
    public async Task A_silo_that_dies_in_the_middle_of_a_step_changes_no_bit(string step)
    {
        await using var cluster = await SiloCluster.StartTrainedAsync(population, 3, Later);
        var victim = cluster.Silos[1];
        var reached = Hold(victim.Calls(), step, skip: 2);

        var training = TrainAsync(cluster.First);
        await BeforeTheEndAsync(reached, training);
        await cluster.KillAsync(victim);

        await AssertSameAsTrainedAloneAsync(await training);
    }

    [Fact]
    public async Task An_answer_that_never_arrives_because_its_silo_died_changes_no_bit()
    {
        await using var cluster = await SiloCluster.StartTrainedAsync(population, 3, Later);
        var victim = cluster.Silos[1];
        var isDone = new TaskCompletionSource();
        var rounds = 0;
        victim.Calls().After = call =>
        {
            if (call != nameof(IPopulationWorker.Round) || ++rounds != 2)
                return Task.CompletedTask;

            isDone.SetResult();
            return new TaskCompletionSource().Task;
        };

        var training = TrainAsync(cluster.First);
        await BeforeTheEndAsync(isDone.Task, training);
        await cluster.KillAsync(victim);

        await AssertSameAsTrainedAloneAsync(await training);
    }

    [Fact]
    public async Task A_silo_that_joins_in_the_middle_changes_no_bit()
    {
        await using var cluster = await SiloCluster.StartTrainedAsync(population, 2, Later);
        var reached = Reached(cluster.Silos[1].Calls(), nameof(IPopulationWorker.Round), skip: 1);

        var training = TrainAsync(cluster.First);
        await BeforeTheEndAsync(reached, training);
        await cluster.JoinAsync();

        await AssertSameAsTrainedAloneAsync(await training);
    }

    private static async Task BeforeTheEndAsync(Task reached, Task training)
    {
        await Task.WhenAny(reached, training).WaitAsync(TimeSpan.FromMinutes(2));
        Assert.True(reached.IsCompleted, "the training ended before the silo came to the step that the test is about");
    }

    private static async Task<PublishedModel> TrainAsync(TestSilo silo, TrainingRequest? request = null)
    {
        var report = await silo.TrainAsync(request ?? Warm);
        Assert.Equal(TrainedPopulation.Customers, report.Summary!.Population);
        return (await silo.Models.Find(report.Summary.Version))!;
    }

    private async Task AssertSameAsTrainedAloneAsync(PublishedModel model, TrainingRequest? request = null)
    {
        using var folder = population.Copy();
        await using var silo = await TestSilo.StartAsync(folder, Later);
        var alone = await TrainAsync(silo, request);

        Assert.Equal(alone.Version, model.Version);
        Assert.Equal(System.Text.Encoding.UTF8.GetString(alone.Document), System.Text.Encoding.UTF8.GetString(model.Document));
        Assert.Equal(alone.Summary.Measures, model.Summary.Measures);
    }

    /// <summary>Completes when the silo is asked for such a share after some others of the kind; that call never completes.</summary>
    private static Task Hold(WatchedCalls calls, string step, int skip) => On(calls, step, skip, new TaskCompletionSource().Task);

    private static Task Reached(WatchedCalls calls, string step, int skip) => On(calls, step, skip, Task.CompletedTask);

    private static Task On(WatchedCalls calls, string step, int skip, Task held)
    {
        var reached = new TaskCompletionSource();
        var left = step == nameof(IPopulationWorker.Round) ? skip : 0;
        calls.Before = call =>
        {
            if (call != step || left-- != 0)
                return Task.CompletedTask;

            reached.TrySetResult();
            return held;
        };
        return reached.Task;
    }
}
