using System.Net;
using System.Net.Http.Json;
using OrleansSegments.ClientApi.Backups;
using OrleansSegments.ClusterTests.Clusters;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.ClusterTests.Storage.Places;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Silo.Hosting;
using OrleansSegments.Storage.Embedded;
using Xunit;

namespace OrleansSegments.ClusterTests.Moves;

/// <summary>Backups through the API of a silo under load.</summary>
public sealed class BackupTests(TrainedPopulation population)
{
    private const int Newcomers = 200;

    [Fact]
    public async Task A_backup_under_load_restores_to_a_silo_where_everything_acknowledged_before_it_counts_once()
    {
        using var folder = population.Copy();
        using var elsewhere = new TestFolder();
        var restored = Path.Combine(elsewhere.Path, "data");
        CustomerEvent[] early = [.. Histories(0, Newcomers / 2)];
        CustomerEvent[] late = [.. Histories(Newcomers / 2, Newcomers)];
        await using (var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End))
        {
            await silo.RouteAllAsync(early);
            var traffic = silo.RouteAllAsync(late);
            using var client = silo.NewHttpClient();
            using var answer = await client.PostAsync(new Uri("/v1/admin/backup?name=monday", UriKind.Relative), null);
            await traffic;
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
            var report = (await answer.Content.ReadFromJsonAsync<BackupReport>())!;
            Assert.Equal(Path.Combine($"{folder.Path}-backups", "monday"), report.Path);
            Assert.Equal(population.ModelVersion, report.Contents.ModelVersion);
            Assert.InRange(report.Contents.Customers, TrainedPopulation.Customers + (Newcomers / 2), TrainedPopulation.Customers + Newcomers);
            Assert.Equal(report.Contents.Customers, report.Contents.Segments.Sum(segment => segment.Size));

            using var again = await client.PostAsync(new Uri("/v1/admin/backup?name=monday", UriKind.Relative), null);
            Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
            var backups = new EmbeddedBackup(ContentsReader.ReadAsJsonAsync, static (_, _, _) => { }, new StillTime());
            await backups.RestoreAsync(report.Path, restored, CancellationToken.None);
            Directory.Delete($"{folder.Path}-backups", recursive: true);
        }

        await using var next = await TestSilo.StartAsync(StoreArguments.InFolder(restored), TrainedPopulation.End, cluster: null);
        await Conservation.AssertHoldsAsync(next);
        var repeated = await next.RouteAsync(early);
        Assert.Equal((0, early.Length), (repeated.Accepted, repeated.Duplicates));
        await next.RouteAllAsync(late);
        foreach (var customer in early.Concat(late).GroupBy(happened => happened.CustomerId))
        {
            Assert.Equal(customer.Count(), (await next.ViewAsync(customer.Key)).EventCount);
        }

        Assert.Equal(TrainedPopulation.Customers + Newcomers, (await Conservation.AssertHoldsAsync(next)).Count);
    }

    private static IEnumerable<CustomerEvent> Histories(int first, int end) => Enumerable.Range(first, end - first)
        .SelectMany(seed => RandomShopper.History($"new-{seed}", seed, 8, TrainedPopulation.End.AddDays(-9), TrainedPopulation.End));
}
