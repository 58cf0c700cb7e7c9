using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansSegments.ClusterTests.Clusters;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Totals;
using OrleansSegments.TestKit.Waiting;
using Xunit;

namespace OrleansSegments.ClusterTests.Exports;

/// <summary>Files of customers, over HTTP, from a real store.</summary>
public sealed class ExportTests(TrainedPopulation population)
{
    [Fact]
    public async Task A_file_has_the_members_of_one_instant_while_customers_come_and_move()
    {
        using var folder = population.Copy();
        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End);
        using var client = silo.NewHttpClient();
        using var stop = new CancellationTokenSource();
        var arriving = SendAsync(silo, stop.Token);
        List<(string Segment, Export File)> files = [];
        try
        {
            for (var look = 0; look < 5; look++)
            {
                foreach (var segment in (await silo.CensusAsync()).Segments)
                    files.Add((segment.Id, await ReadAsync(client, $"/v1/segments/{segment.Id}/members?format=csv")));
            }
        }
        finally
        {
            await stop.CancelAsync();
            Assert.True(await Condition.EndsAsync("the events end", arriving) > 0, "Nothing arrived.");
        }

        Assert.True(files.Select(file => file.File.Sequence).Distinct().Count() > 1, "Nobody moved meanwhile.");
        var changes = await silo.ReadChangesAsync();
        Assert.All(files, file =>
        {
            Assert.Equal("customerId", file.File.Lines[0]);
            Assert.Equal(file.File.Count, file.File.Lines.Length - 1);
            var segments = new Dictionary<string, string?>(StringComparer.Ordinal);
            foreach (var change in changes.TakeWhile(change => change.Sequence <= file.File.Sequence))
                segments[change.CustomerId] = change.To;
            Assert.Equal(
                segments.Where(customer => customer.Value == file.Segment).Select(customer => customer.Key).Order(StringComparer.Ordinal),
                file.File.Lines[1..]);
        });
    }

    [Fact]
    public async Task The_table_of_customers_has_everybody_with_the_features_that_a_query_shows()
    {
        using var folder = population.Copy();
        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End);
        using var client = silo.NewHttpClient();

        var csv = await ReadAsync(client, "/v1/customers?format=csv");
        var ndjson = await ReadAsync(client, "/v1/customers?format=ndjson");

        Assert.Equal((TrainedPopulation.Customers, TrainedPopulation.Customers + 1), (csv.Count, csv.Lines.Length));
        Assert.Equal(TrainedPopulation.Customers, ndjson.Lines.Length);
        var columns = csv.Lines[0].Split(',');
        Assert.Equal(["customerId", "segment", "modelVersion", "asOf"], columns[..4]);
        foreach (var index in (int[])[0, 700, TrainedPopulation.Customers - 1])
        {
            var cells = csv.Lines[index + 1].Split(',');
            var view = await silo.ViewAsync(cells[0]);
            Assert.Equal((view.Segment.Id, $"{view.Segment.ModelVersion}"), (cells[1], cells[2]));
            Assert.Equal(view.AsOf, DateTimeOffset.Parse(cells[3], CultureInfo.InvariantCulture));
            Assert.Equal(
                view.Features.OrderBy(feature => feature.Key, StringComparer.Ordinal),
                columns.Zip(cells).Skip(4).Where(cell => cell.Second.Length > 0)
                    .Select(cell => KeyValuePair.Create(cell.First, double.Parse(cell.Second, CultureInfo.InvariantCulture)))
                    .OrderBy(feature => feature.Key, StringComparer.Ordinal));

            var line = JsonElement.Parse(ndjson.Lines[index]);
            Assert.Equal((cells[0], cells[1]), (line.GetProperty("customerId").GetString(), line.GetProperty("segment").GetString()));
            Assert.Equal(
                view.Features.OrderBy(feature => feature.Key, StringComparer.Ordinal),
                line.GetProperty("features").EnumerateObject().Select(feature => KeyValuePair.Create(feature.Name, feature.Value.GetDouble()))
                    .OrderBy(feature => feature.Key, StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task Any_silo_of_a_cluster_streams_everybody()
    {
        await using var cluster = await SiloCluster.StartTrainedAsync(population, 2, TrainedPopulation.End);
        foreach (var silo in cluster.Silos)
        {
            using var client = silo.NewHttpClient();
            var everybody = new List<string>();
            foreach (var segment in (await silo.CensusAsync()).Segments)
            {
                var file = await ReadAsync(client, $"/v1/segments/{segment.Id}/members?format=ndjson");
                Assert.Equal((segment.Size, file.Count), (file.Count, file.Lines.Length));
                everybody.AddRange(file.Lines);
            }

            Assert.Equal(TrainedPopulation.Customers, everybody.Distinct().Count());
        }
    }

    [Fact]
    public async Task A_reader_that_goes_away_leaves_no_snapshot_open()
    {
        using var folder = population.Copy();
        SnapshotWatch? store = null;
        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End, services =>
        {
            var registered = services.Single(service => service.ServiceType == typeof(ICustomerStore));
            store = new SnapshotWatch((ICustomerStore)registered.ImplementationInstance!);
            services.Replace(ServiceDescriptor.Singleton<ICustomerStore>(store));
        });
        using var client = silo.NewHttpClient();
        using var away = new CancellationTokenSource();
        var reading = client.GetAsync(new Uri("/v1/customers?format=csv", UriKind.Relative), away.Token);
        await Condition.HoldsAsync("a snapshot is open", () => store!.Open == 1);

        await away.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        store!.Gate.SetResult();

        await Condition.HoldsAsync("the snapshot is closed", () => store.Open == 0);
        Assert.Equal(TrainedPopulation.Customers, (await ReadAsync(client, "/v1/customers?format=csv")).Count);
        Assert.Equal(0, store.Open);
    }

    private static async Task<int> SendAsync(TestSilo silo, CancellationToken stop)
    {
        var sent = 0;
        while (!stop.IsCancellationRequested)
        {
            await silo.RouteAllAsync(RandomShopper.History($"newcomer {sent % 500}", sent, 20, TrainedPopulation.End.AddDays(-4), TrainedPopulation.End));
            sent++;
        }

        return sent;
    }

    private static async Task<Export> ReadAsync(HttpClient client, string path)
    {
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative));
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{path}: {response}");
        var text = await response.Content.ReadAsStringAsync();
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        return new Export(Number("Export-Sequence"), Number("Export-Lines"), text[..^1].Split('\n'));

        long Number(string header) => long.Parse(Assert.Single(response.Headers.GetValues(header)), CultureInfo.InvariantCulture);
    }

    /// <summary>The real store, which counts open snapshots and lets them be read when the test says so.</summary>
    private sealed class SnapshotWatch(ICustomerStore store) : PassingStore(store)
    {
        private int _open;

        public int Open => Volatile.Read(ref _open);

        public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override async ValueTask<ICustomerSnapshot> TakeSnapshotAsync(CancellationToken cancellationToken)
        {
            var snapshot = await Inner.TakeSnapshotAsync(cancellationToken);
            Interlocked.Increment(ref _open);
            return new Watched(snapshot, this);
        }

        private sealed class Watched(ICustomerSnapshot snapshot, SnapshotWatch watch) : ICustomerSnapshot
        {
            public SegmentTotals Totals => snapshot.Totals;

            public ValueTask<IReadOnlyList<string>> ReadMembersAsync(int segmentId, string? afterId, int limit, CancellationToken cancellationToken) =>
                snapshot.ReadMembersAsync(segmentId, afterId, limit, cancellationToken);

            public async ValueTask<IReadOnlyList<StoredCustomer>> ScanAsync(string? afterId, int limit, CancellationToken cancellationToken)
            {
                await watch.Gate.Task;
                return await snapshot.ScanAsync(afterId, limit, cancellationToken);
            }

            public async ValueTask DisposeAsync()
            {
                await snapshot.DisposeAsync();
                Interlocked.Decrement(ref watch._open);
            }
        }
    }

    private sealed record Export(long Sequence, long Count, string[] Lines);
}
