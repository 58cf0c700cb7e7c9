using System.Text.RegularExpressions;
using OrleansSegments.ClusterTests.Clusters;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Storage.Control;
using Xunit;

namespace OrleansSegments.ClusterTests.Runtime;

/// <summary>
/// Control state is stored under explicit names, so that classes can move; stores in which the name contained the class are still read.
/// </summary>
public sealed partial class ControlStateNameTests(TrainedPopulation population)
{
    private const string Kind = "grain-state";
    private const string Name = "model/0";
    private const string FormerName = "OrleansSegments.Grains.Models.ModelGrain/0/model";

    [Fact]
    public async Task State_is_stored_under_its_name_and_the_grains_number()
    {
        using var folder = population.Copy();
        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End);

        var stored = await silo.Service<IControlStateStore>().ReadAllAsync(Kind, CancellationToken.None);

        Assert.Contains(Name, stored.Select(document => document.Key));
        Assert.All(stored, document => Assert.Matches(OwnName(), document.Key));
    }

    [Fact]
    public async Task What_was_stored_under_a_former_name_is_read_and_written_under_the_new_one()
    {
        using var folder = population.Copy();
        await using (var before = await TestSilo.StartAsync(folder, TrainedPopulation.End))
            await RenameToFormerAsync(before.Service<IControlStateStore>());

        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End);
        var found = await silo.Models.Current();
        Assert.Equal(population.ModelVersion, found.Version);
        var published = await silo.PublishAsync(new TrainingRequest(SegmentCount: 3, Force: true));

        Assert.Equal([published, population.ModelVersion], (await silo.Models.List()).Select(model => model.Version));
        Assert.NotNull(await silo.Service<IControlStateStore>().ReadAsync(Kind, Name, CancellationToken.None));
    }

    /// <summary>Renames the documents to the names of older versions.</summary>
    private static async Task RenameToFormerAsync(IControlStateStore documents)
    {
        var model = (await documents.ReadAsync(Kind, Name, CancellationToken.None))!;
        Assert.True(await documents.TryWriteAsync(Kind, FormerName, 0, model.Content, CancellationToken.None));
        Assert.True(await documents.TryRemoveAsync(Kind, Name, model.Version, CancellationToken.None));
    }

    [GeneratedRegex("^[a-z-]+/[0-9]+$")]
    private static partial Regex OwnName();
}
