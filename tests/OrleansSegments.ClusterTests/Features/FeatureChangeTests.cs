using Microsoft.Extensions.DependencyInjection;
using OrleansSegments.ClusterTests.Clusters;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Grains.Training;
using OrleansSegments.TestKit.Waiting;
using Xunit;

namespace OrleansSegments.ClusterTests.Features;

/// <summary>A changed features.json on a store with customers and a model.</summary>
public sealed class FeatureChangeTests(TrainedPopulation population)
{
    private const string Searcher = "searcher";

    [Fact]
    public async Task A_changed_catalogue_keeps_what_stays_and_begins_what_is_new_and_a_training_follows()
    {
        using var folder = population.Copy();
        using var place = new TestFolder();
        var before = await LookAsync(folder);

        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End, featuresFile: FeatureFile.Write(place));

        Assert.True((await silo.CensusAsync()).ModelVersion > population.ModelVersion);
        await AwaitTrainedAsync(silo, population.ModelVersion + 2);
        foreach (var (id, old) in before)
        {
            AssertKept(old, await silo.ViewAsync(id));
        }

        Assert.Equal(before.Count, (await Conservation.AssertHoldsAsync(silo)).Count);
        await silo.RouteAllAsync([RandomShopper.Search(before.Keys.First(), "search", TrainedPopulation.End)]);
        Assert.Equal(1, (await silo.ViewAsync(before.Keys.First())).Features[FeatureFile.Added], 9);
        var model = (await silo.Models.Current()).Summary;
        Assert.Equal([FeatureFile.Changed, FeatureFile.Added], model.FeaturesSince!.Keys.Order(StringComparer.Ordinal));
        Assert.All(model.FeaturesSince!.Values, since => Assert.Equal(TrainedPopulation.End, since));
        Assert.Equal(16, model.Catalogue!.Length);
    }

    /// <summary>Between the start and the new model the old one serves, as far as its features are still collected.</summary>
    [Fact]
    public async Task Until_the_training_the_old_model_answers_by_the_features_that_stayed()
    {
        using var folder = population.Copy();
        using var place = new TestFolder();
        var before = await LookAsync(folder);
        await using var silo = await StartUntrainedAsync(folder, FeatureFile.Write(place));
        var version = population.ModelVersion + 1;
        await silo.WaitForRolloutAsync(version);

        Assert.Equal(version, (await silo.CensusAsync()).ModelVersion);
        var segments = await Conservation.AssertHoldsAsync(silo);
        Assert.Equal(before.Count, segments.Count);
        var moved = before.Where(customer => segments[customer.Key] != customer.Value.Segment.Id).Select(customer => customer.Key).ToHashSet();
        var transitions = (await silo.ReadChangesAsync()).Where(change => change.ModelVersion == version).ToArray();
        Assert.Equal(moved, transitions.Select(change => change.CustomerId).ToHashSet());
        Assert.All(transitions, change => Assert.Equal("model", change.Cause));
        Assert.True(moved.Count < before.Count / 4, $"{moved.Count} of {before.Count} customers moved");
        Assert.NotNull(await silo.Customer(before.Keys.First()).Explain());
    }

    [Fact]
    public async Task Nobody_moves_when_features_are_only_added()
    {
        using var folder = population.Copy();
        using var place = new TestFolder();
        await using var silo = await StartUntrainedAsync(folder, FeatureFile.Write(place, onlyAdds: true));
        await silo.WaitForRolloutAsync(population.ModelVersion + 1);

        Assert.DoesNotContain(await silo.ReadChangesAsync(), change => change.ModelVersion > population.ModelVersion);
        await Conservation.AssertHoldsAsync(silo);
    }

    [Fact]
    public async Task After_a_kill_between_the_adoption_and_the_training_the_next_start_trains()
    {
        using var folder = population.Copy();
        using var place = new TestFolder();
        var file = FeatureFile.Write(place);
        TestFolder killed;
        await using (var first = await StartUntrainedAsync(folder, file))
        {
            // Some states are written under the new catalogue, the others are not.
            await first.RouteAllAsync(Enumerable.Range(0, 50).Select(index => RandomShopper.Search($"{Searcher}-{index}", "m", TrainedPopulation.End)));
            killed = folder.Copy();
        }

        using var found = killed;
        await using var next = await TestSilo.StartAsync(found, TrainedPopulation.End, featuresFile: file);
        await AwaitTrainedAsync(next, population.ModelVersion + 2);

        Assert.Equal(TrainedPopulation.Customers + 50, (await Conservation.AssertHoldsAsync(next)).Count);
        Assert.Equal(1, (await next.ViewAsync($"{Searcher}-7")).Features[FeatureFile.Added], 9);
        Assert.Single(await next.Models.List(), model => model.Reason.Contains("features.json", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_earlier_model_is_published_again_by_the_features_that_stayed()
    {
        using var folder = population.Copy();
        using var place = new TestFolder();
        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End, featuresFile: FeatureFile.Write(place));
        await AwaitTrainedAsync(silo, population.ModelVersion + 2);

        var again = await silo.Models.Republish(population.ModelVersion);

        await silo.WaitForRolloutAsync(again!.Version);
        Assert.Equal((await silo.Models.Find(population.ModelVersion + 2))!.Summary.Catalogue, again.Summary.Catalogue);
        await Conservation.AssertHoldsAsync(silo);
    }

    [Fact]
    public async Task The_same_catalogue_in_a_file_of_its_own_changes_nothing()
    {
        using var folder = population.Copy();
        using var place = new TestFolder();
        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End, featuresFile: FeatureFile.Write(place, changes: false));
        Assert.Equal(population.ModelVersion, (await silo.CensusAsync()).ModelVersion);
        Assert.Empty((await silo.Models.Current()).Summary.FeaturesSince!);
    }

    internal static async Task AwaitTrainedAsync(TestSilo silo, int version)
    {
        await Condition.HoldsAsync($"model {version} is published", async () => (await silo.Models.Current()).Version >= version);
        await silo.WaitForRolloutAsync(version);
    }

    /// <summary>A silo that adopts the catalogue and has too few customers for a training.</summary>
    private static Task<TestSilo> StartUntrainedAsync(TestFolder folder, string featuresFile) => TestSilo.StartAsync(
        folder,
        TrainedPopulation.End,
        services => services.Configure<TrainingScheduleOptions>(options => options.PopulationMin = 1_000_000),
        featuresFile);

    private static async Task<Dictionary<string, CustomerView>> LookAsync(TestFolder folder)
    {
        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End);
        var segments = await Conservation.AssertHoldsAsync(silo);
        var views = new Dictionary<string, CustomerView>();
        foreach (var id in segments.Keys)
        {
            views[id] = await silo.ViewAsync(id);
        }

        return views;
    }

    private static void AssertKept(CustomerView old, CustomerView now)
    {
        Assert.Equal((old.EventCount, old.FirstEventAt, old.LastEventAt), (now.EventCount, now.FirstEventAt, now.LastEventAt));
        Assert.Equal(old.TraitsJson, now.TraitsJson);
        Assert.Equal(
            old.Features.Where(feature => feature.Key is not (FeatureFile.Changed or FeatureFile.Removed)).OrderBy(feature => feature.Key, StringComparer.Ordinal),
            now.Features.Where(feature => feature.Key is not (FeatureFile.Changed or FeatureFile.Added)).OrderBy(feature => feature.Key, StringComparer.Ordinal));
        Assert.Equal((0, 0), (now.Features[FeatureFile.Changed], now.Features[FeatureFile.Added]));
        Assert.DoesNotContain(FeatureFile.Removed, now.Features.Keys);
    }
}
