using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Grains.Training.Steps;
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
            Assert.Contains(silos[neighbour].Training.Shares, share => share.Work is RoundWork && share.Parts.Length > 0);
    }

    [Theory]
    [InlineData(typeof(SketchWork))]
    [InlineData(typeof(SampleWork))]
    [InlineData(typeof(RoundWork))]
    [InlineData(typeof(EvidenceWork))]
    public async Task A_silo_that_dies_in_the_middle_of_a_step_changes_no_bit(Type step)
    {
        using var folder = population.Copy();
        await using var silos = await SeveralSilos.StartAsync(folder, Later, neighbours: 2);
        var victim = silos[0];
        var reached = Hold(victim.Training, step, skip: 2);

        var training = TrainAsync(silos.First);
        await BeforeTheEndAsync(reached, training);
        await silos.KillAsync(victim);

        await AssertSameAsTrainedAloneAsync(await training);
    }

    [Fact]
    public async Task A_stalled_silo_that_comes_back_with_an_old_answer_changes_no_bit()
    {
        using var folder = population.Copy();
        await using var silos = await SeveralSilos.StartAsync(folder, Later, neighbours: 2);
        var stalled = silos[0];
        var back = new TaskCompletionSource();
        var wasAsked = new TaskCompletionSource();
        var rounds = 0;
        stalled.Training.After = share =>
        {
            if (share.Work is not RoundWork || ++rounds != 2)
                return Task.CompletedTask;

            wasAsked.SetResult();
            return back.Task;
        };

        var training = TrainAsync(silos.First);
        await BeforeTheEndAsync(wasAsked.Task, training);

        // The others are told that it is gone, take its parts over, and are well into another round when it answers.
        var goesOn = Reached(silos[1].Training, typeof(RoundWork), skip: 1);
        silos.Silos.Leave(stalled.Name);
        await BeforeTheEndAsync(goesOn, training);
        silos.Silos.Join(stalled.Name);
        back.SetResult();

        await AssertSameAsTrainedAloneAsync(await training);
    }

    [Fact]
    public async Task A_silo_that_joins_in_the_middle_changes_no_bit()
    {
        using var folder = population.Copy();
        await using var silos = await SeveralSilos.StartAsync(folder, Later, neighbours: 1);
        var reached = Reached(silos[0].Training, typeof(RoundWork), skip: 1);

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
    private static Task Hold(WatchedDuty duty, Type step, int skip) => On(duty, step, skip, new TaskCompletionSource().Task);

    private static Task Reached(WatchedDuty duty, Type step, int skip) => On(duty, step, skip, Task.CompletedTask);

    private static Task On(WatchedDuty duty, Type step, int skip, Task held)
    {
        var reached = new TaskCompletionSource();
        var left = step == typeof(RoundWork) ? skip : 0;
        duty.Before = share =>
        {
            if (share.Work.GetType() != step || left-- != 0)
                return Task.CompletedTask;

            reached.TrySetResult();
            return held;
        };
        return reached.Task;
    }
}
