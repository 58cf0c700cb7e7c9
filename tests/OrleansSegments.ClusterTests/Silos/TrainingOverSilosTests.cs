using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Grains.Populations;
using Xunit;

namespace OrleansSegments.ClusterTests.Silos;

/// <summary>A model that several silos train has the bits of the one that a single silo trains, whatever happens to the silos meanwhile.</summary>
public sealed class TrainingOverSilosTests(TrainedPopulation population)
{
    // After a silent month the published centroids have a way to go: many rounds, in each of which the counts of changed labels matter.
    private static readonly DateTimeOffset Later = TrainedPopulation.End.AddDays(30);
    private static readonly TrainingRequest Warm = new(Force: true);
    private static readonly TrainingRequest Anew = new(Replan: true, Force: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Three_silos_train_the_same_model_bit_by_bit_and_each_does_its_part(bool isWarm)
    {
        using var folder = population.Copy();
        await using var silos = await SeveralSilos.StartAsync(folder, Later, neighbours: 2);

        var model = await TrainAsync(silos.First, isWarm ? Warm : Anew);

        await AssertSameAsTrainedAloneAsync(model, isWarm ? Warm : Anew);
        for (var neighbour = 0; neighbour < 2; neighbour++)
            Assert.Contains(nameof(IPopulationWorker.Round), silos[neighbour].Calls);
    }

    [Theory]
    [InlineData(nameof(IPopulationWorker.Sketch))]
    [InlineData(nameof(IPopulationWorker.Sample))]
    [InlineData(nameof(IPopulationWorker.Round))]
    [InlineData(nameof(IPopulationWorker.Describe))]
    public async Task A_silo_that_dies_in_the_middle_of_a_step_changes_no_bit(string step)
    {
        using var folder = population.Copy();
        await using var silos = await SeveralSilos.StartAsync(folder, Later, neighbours: 2);
        var victim = silos[0];
        var reached = Hold(victim, step, skip: 2);

        var training = TrainAsync(silos.First);
        await BeforeTheEndAsync(reached, training);
        await silos.KillAsync(victim);

        await AssertSameAsTrainedAloneAsync(await training);
    }

    [Fact]
    public async Task An_answer_that_never_arrives_because_its_silo_died_changes_no_bit()
    {
        using var folder = population.Copy();
        await using var silos = await SeveralSilos.StartAsync(folder, Later, neighbours: 2);
        var victim = silos[0];
        var isDone = new TaskCompletionSource();
        var rounds = 0;
        victim.After = call =>
        {
            if (call != nameof(IPopulationWorker.Round) || ++rounds != 2)
                return Task.CompletedTask;

            isDone.SetResult();
            return new TaskCompletionSource().Task;
        };

        var training = TrainAsync(silos.First);
        await BeforeTheEndAsync(isDone.Task, training);
        await silos.KillAsync(victim);

        await AssertSameAsTrainedAloneAsync(await training);
    }

    [Fact]
    public async Task A_silo_that_joins_in_the_middle_changes_no_bit()
    {
        using var folder = population.Copy();
        await using var silos = await SeveralSilos.StartAsync(folder, Later, neighbours: 1);
        var reached = Reached(silos[0], nameof(IPopulationWorker.Round), skip: 1);

        var training = TrainAsync(silos.First);
        await BeforeTheEndAsync(reached, training);
        await silos.JoinAsync("silo-z");

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

    /// <summary>Completes when the silo is asked for such a share, after some others of the kind; the share is never done.</summary>
    private static Task Hold(NeighbourSilo silo, string step, int skip) => On(silo, step, skip, new TaskCompletionSource().Task);

    private static Task Reached(NeighbourSilo silo, string step, int skip) => On(silo, step, skip, Task.CompletedTask);

    private static Task On(NeighbourSilo silo, string step, int skip, Task held)
    {
        var reached = new TaskCompletionSource();
        var left = step == nameof(IPopulationWorker.Round) ? skip : 0;
        silo.Before = call =>
        {
            if (call != step || left-- != 0)
                return Task.CompletedTask;

            reached.TrySetResult();
            return held;
        };
        return reached.Task;
    }
}
