using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using OrleansSegments.ClusterTests.Clusters;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Grains.Training;
using Xunit;

namespace OrleansSegments.ClusterTests.Models;

public sealed class TrainingProgressTests(TrainedPopulation population)
{
    /// <summary>After a silent month the published centroids must move far, which takes rounds.</summary>
    [Theory]
    [InlineData(0, null, true, true, 1)]
    [InlineData(0, 4, true, false, 1)]
    [InlineData(30, null, false, false, 3)]
    public async Task The_trainer_tells_its_stages_in_order_and_every_round(int daysLater, int? segments, bool isAnew, bool choosesCount, int roundsMin)
    {
        using var folder = population.Copy();
        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End.AddDays(daysLater));
        var stages = new List<TrainingStage>();

        var trained = await silo.Service<SegmentTrainer>().TrainAsync(
            await silo.Models.Current(), version: 9, new TrainingRequest(segments, isAnew, Force: true), stages.Add, CancellationToken.None);

        var rounds = stages.Count(stage => stage.Name == "refining");
        Assert.True(rounds >= roundsMin, $"{rounds} rounds");
        IEnumerable<TrainingStage> expected =
        [
            new("reading customers"),
            .. choosesCount ? [new("choosing the number of segments")] : Array.Empty<TrainingStage>(),
            .. Enumerable.Range(0, rounds).Select(round => new TrainingStage("refining", round)),
            new("checking"),
        ];
        Assert.Equal(expected, stages);
        Assert.NotNull(trained);
    }

    [Fact]
    public async Task Whoever_asks_during_a_training_is_told_where_it_is_and_afterwards_how_it_ended()
    {
        var start = TrainedPopulation.End.AddDays(30);
        using var folder = population.Copy();
        var questions = new Questions();
        await using var silo = await TestSilo.StartAsync(folder, start, services => services.AddSingleton<IIncomingGrainCallFilter>(questions));
        var before = await ProgressAsync(silo);
        Assert.Equal((false, null, null, 0), (before.Running, before.Stage, before.StartedAt, before.Rounds));
        Assert.Equal((true, population.ModelVersion, TrainedPopulation.End), (before.Last!.Published, before.Last.ModelVersion, before.Last.EndedAt));

        questions.Ask = () => ProgressAsync(silo);
        var report = await silo.TrainAsync(new TrainingRequest(Force: true));
        questions.Ask = null;

        var answers = questions.Answers.ToArray();
        Assert.Equal(
            ["reading customers", "refining", "checking", "publishing"],
            answers.Select(answer => answer.Stage).Distinct());
        Assert.All(answers, answer => Assert.Equal((true, start, before.Last), (answer.Running, answer.StartedAt, answer.Last)));
        Assert.Equal(
            Enumerable.Range(0, answers.Max(answer => answer.Rounds) + 1),
            answers.Where(answer => answer.Stage == "refining").Select(answer => answer.Rounds).Distinct());
        Assert.Equal(
            new TrainingProgress(false, null, null, 0, new LastTraining(report.Published, report.Reason, report.Summary!.Version, start), null),
            await ProgressAsync(silo));
    }

    [Fact]
    public async Task A_training_without_a_model_is_told_with_its_reason()
    {
        using var folder = new TestFolder();
        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End);
        Assert.Equal(new TrainingProgress(false, null, null, 0, null, null), await ProgressAsync(silo));

        var report = await silo.TrainAsync();

        Assert.Equal(new LastTraining(false, report.Reason, null, TrainedPopulation.End), (await ProgressAsync(silo)).Last);
    }

    [Fact]
    public async Task A_training_that_fails_is_over_and_says_that_it_failed()
    {
        using var folder = population.Copy();
        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End);

        await Assert.ThrowsAnyAsync<ArgumentException>(() => silo.TrainAsync(new TrainingRequest(SegmentCount: 65, Replan: true)));

        var progress = await ProgressAsync(silo);
        Assert.Equal((false, null, false, null), (progress.Running, progress.Stage, progress.Last!.Published, progress.Last.ModelVersion));
        Assert.Contains("failed", progress.Last.Reason, StringComparison.Ordinal);
    }

    /// <summary>A model that is published again has the time of its training, and a later version than the newest trained one.</summary>
    [Fact]
    public async Task After_a_restart_the_last_training_is_the_newest_that_is_kept()
    {
        using var folder = population.Copy();
        TrainingReport second;
        await using (var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End.AddDays(1)))
        {
            second = await silo.TrainAsync(new TrainingRequest(SegmentCount: 5, Force: true));
            await silo.Models.Republish(population.ModelVersion);
            await silo.Models.Republish(second.Summary!.Version);
        }

        await using var later = await TestSilo.StartAsync(folder, TrainedPopulation.End.AddDays(2));

        Assert.Equal(
            new LastTraining(true, second.Reason, second.Summary!.Version, TrainedPopulation.End.AddDays(1)), (await ProgressAsync(later)).Last);
    }

    private static Task<TrainingProgress> ProgressAsync(TestSilo silo) => silo.Grains.GetGrain<ITrainingGrain>(0).Progress();

    /// <summary>Asks a question before every call of a training's steps.</summary>
    private sealed class Questions : IIncomingGrainCallFilter
    {
        private static readonly string[] Steps = ["Sketch", "Sample", "Round", "Describe", "Submit"];

        public ConcurrentQueue<TrainingProgress> Answers { get; } = [];

        public Func<Task<TrainingProgress>>? Ask { get; set; }

        public async Task Invoke(IIncomingGrainCallContext context)
        {
            if (Ask is { } ask && Steps.Contains(context.MethodName))
                Answers.Enqueue(await ask());
            await context.Invoke();
        }
    }
}
