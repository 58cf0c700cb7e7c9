using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using OrleansSegments.ClientApi.Keys;
using OrleansSegments.Contracts.Changes;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.Grains.Deadlines;
using OrleansSegments.Silo.Hosting;
using OrleansSegments.Storage;
using OrleansSegments.Tools.Replay;
using OrleansSegments.Webhooks;
using Xunit;

namespace OrleansSegments.ClusterTests.Hosting;

/// <summary>
/// A silo with its grains on the real store, in this process, on a clock that the test moves. Nothing runs in the background: scheduled
/// trainings are off, and deadlines are served when the test says so.
/// </summary>
internal sealed class TestSilo : IAsyncDisposable
{
    private readonly SiloHost _host;

    private TestSilo(SiloHost host) => _host = host;

    public IStore Store => _host.Store;

    public ReplayClock Clock => (ReplayClock)_host.Clock;

    public IGrainFactory Grains => _host.Grains;

    public IModelGrain Models => Grains.GetGrain<IModelGrain>(0);

    public static Task<TestSilo> StartAsync(TestFolder folder, DateTimeOffset at, Action<IServiceCollection>? replace = null, string? featuresFile = null) =>
        StartAsync(StoreArguments.InFolder(folder.Path), at, cluster: null, replace, featuresFile);

    /// <param name="cluster">The silo's cluster settings; null for a single silo.</param>
    public static async Task<TestSilo> StartAsync(
        StoreArguments store, DateTimeOffset at, Action<ClusterSettings>? cluster, Action<IServiceCollection>? replace = null, string? featuresFile = null)
    {
        var settings = new SiloSettings(store, Urls: null, featuresFile, ReplayFrom: at, ScheduledTraining: false, IsQuiet: true, Cluster: cluster);
        var host = await SiloHost.StartAsync(
            settings,
            services =>
            {
                services.AddSingleton(provider => ActivatorUtilities.CreateInstance<DeadlineScanner>(provider, TimeSpan.FromMinutes(1)));

                // The receivers of tests are on this machine.
                services.Configure<WebhookOptions>(options => options.AllowPrivateAddresses = true);
                replace?.Invoke(services);
            },
            CancellationToken.None);
        return new TestSilo(host);
    }

    public T Service<T>()
        where T : notnull => _host.Service<T>();

    /// <summary>A client of the silo's HTTP API with every right.</summary>
    public HttpClient NewHttpClient() => new()
    {
        BaseAddress = new Uri(_host.Addresses),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", Service<GeneratedKeys>().AdminKey) },
    };

    public ICustomerGrain Customer(string customerId) => Grains.GetGrain<ICustomerGrain>(CustomerKey.Of(customerId));

    public Task<RouteReceipt> RouteAsync(params CustomerEvent[] events) => Grains.GetGrain<IEventRouter>(0).Route(new EventBatch(events));

    /// <summary>Routes any number of events and expects all of them to be acknowledged.</summary>
    public async Task RouteAllAsync(IEnumerable<CustomerEvent> events)
    {
        await using var pipeline = new EventPipeline(Grains);
        foreach (var customerEvent in events)
            await pipeline.SendAsync(customerEvent, CancellationToken.None);
        await pipeline.DrainAsync(CancellationToken.None);
        Assert.Equal(0, pipeline.Rejected);
    }

    public Task<TrainingReport> TrainAsync(TrainingRequest? request = null) =>
        Grains.GetGrain<ITrainingGrain>(0).Train(request ?? new TrainingRequest()).WaitAsync(TimeSpan.FromMinutes(5));

    /// <summary>Trains, expects the model to be published, and waits until the roll-out is complete; returns its version.</summary>
    public async Task<int> PublishAsync(TrainingRequest? request = null)
    {
        var report = await TrainAsync(request);
        Assert.True(report.Published, report.Reason);
        await WaitForRolloutAsync(report.Summary!.Version);
        return report.Summary.Version;
    }

    public Task WaitForRolloutAsync(int version) =>
        _host.WaitForRolloutAsync(version, CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(2));

    public Task<int> ServeDeadlinesAsync() => _host.ServeDeadlinesAsync(CancellationToken.None);

    public Task<SegmentCensus> CensusAsync() => Grains.GetGrain<ISegmentCensus>(0).Take(withStatistics: false).AsTask();

    /// <summary>The transition log after a sequence, read in pages.</summary>
    public async Task<List<TransitionView>> ReadChangesAsync(long afterSequence = 0, int limit = 997)
    {
        var changes = new List<TransitionView>();
        while (await Grains.GetGrain<IChangeFeed>(0).Read(changes.Count == 0 ? afterSequence : changes[^1].Sequence, limit, TimeSpan.Zero) is { Length: > 0 } page)
            changes.AddRange(page);
        return changes;
    }

    /// <summary>The members of a segment, in pages.</summary>
    public async Task<List<string>> ReadMembersAsync(string segmentId, int limit = 101)
    {
        Assert.True(SegmentKey.TryParse(segmentId, out var number), segmentId);
        var members = new List<string>();
        string? cursor = null;
        do
        {
            var page = await Grains.GetGrain<ISegmentGrain>(number).Members(cursor, limit);
            members.AddRange(page.CustomerIds);
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        return members;
    }

    public async Task<CustomerView> ViewAsync(string customerId)
    {
        var view = await Customer(customerId).View();
        Assert.True(view is not null, $"{customerId} is not known");
        return view;
    }

    /// <summary>Recounts every row of the store and compares with its totals.</summary>
    public async Task VerifyStoreAsync() => Assert.Empty(await _host.Store.VerifyAsync(CancellationToken.None));

    /// <summary>Stops the silo as if the shutdown timeout had already passed: all running work is cancelled.</summary>
    public async Task KillAsync()
    {
        try
        {
            await _host.App.StopAsync(new CancellationToken(canceled: true));
        }
        catch (OperationCanceledException)
        {
            // The host reports that it could not stop cleanly, as intended.
        }

        await _host.DisposeAsync();
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
