using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Orleans;
using OrleansSegments.Bus;
using OrleansSegments.ClientApi.Backups;
using OrleansSegments.ClientApi.Clocks;
using OrleansSegments.ClientApi.Hosting;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Engine.Features;
using OrleansSegments.Grains.Customers;
using OrleansSegments.Grains.Deadlines;
using OrleansSegments.Storage;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Embedded;
using OrleansSegments.Webhooks;

namespace OrleansSegments.Silo.Hosting;

/// <summary>
/// One silo with its store, grains and the HTTP API in this process. Starting opens the store; stopping drains and closes it.
/// </summary>
internal sealed class SiloHost : IAsyncDisposable
{
    /// <summary>Maximum time for stopping a single silo before its store is closed.</summary>
    private static readonly TimeSpan LoneStopMax = TimeSpan.FromSeconds(5);

    private readonly OpenStore _open;

    /// <summary>Silences the log for what a stop does not wait for; null for a silo of a cluster.</summary>
    private Action? _leaveAlone;


    private readonly bool _discardsEmpty;

    private SiloHost(WebApplication app, OpenStore open, TimeProvider clock, bool discardsEmpty)
    {
        _discardsEmpty = discardsEmpty;
        App = app;
        _open = open;
        Clock = clock;
    }

    public WebApplication App { get; }

    /// <summary>The silo's clock; a <see cref="ReplayClock"/> while history is replayed.</summary>
    public TimeProvider Clock { get; }

    public IGrainFactory Grains => App.Services.GetRequiredService<IGrainFactory>();

    public T Service<T>()
        where T : notnull => App.Services.GetRequiredService<T>();

    /// <summary>The store under the grains.</summary>
    internal IStore Store => _open.Store;

    /// <summary>The data folder, or the database and schema.</summary>
    public string StoreName => _open.Name;

    /// <summary>Command-line options that serve the same store.</summary>
    public string ServeOptions => _open.ServeOptions;

    /// <summary>The addresses on which the API listens, with system-assigned ports resolved.</summary>
    public string Addresses => string.Join(' ', App.Urls);

    /// <summary>Number of customers.</summary>
    public long Population => Store.Customers.Totals.Population;

    /// <summary>Transitions that this silo made durable since it started.</summary>
    public long TransitionsCommitted => Store.Customers.Health.TransitionsCommitted;

    /// <summary>Serves every customer whose deadline has passed by the silo's clock; returns how many moved to another segment.</summary>
    public Task<int> ServeDeadlinesAsync(CancellationToken cancellationToken) => Service<DeadlineScanner>().ScanAsync(cancellationToken);

    /// <summary>True when a feature reads events of this kind and name; one that counts everything does not matter.</summary>
    public bool Reads(EventKind kind, string? name) => Service<FeatureCatalogue>().Features.Any(feature => feature.Reads((EventType)((int)kind - 1), name));

    /// <summary>Completes when every customer was evaluated under the model or a later one.</summary>
    public async Task WaitForRolloutAsync(int version, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            RolloutProgress progress = await Grains.GetGrain<IModelGrain>(0).Rollout();
            if (progress.ModelVersion > version || (progress.ModelVersion == version && progress.Complete))
            {
                return;
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    /// <summary>Completes when the process is asked to stop; <see cref="DisposeAsync"/> then stops it.</summary>
    public async Task WaitForStopAsync(CancellationToken cancellationToken)
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration stops = cancellationToken.Register(App.Lifetime.StopApplication);
        using CancellationTokenRegistration tells = App.Lifetime.ApplicationStopping.Register(told.SetResult);
        await told.Task;
    }

    public static Task<SiloHost> StartAsync(SiloSettings settings, CancellationToken cancellationToken) =>
        StartAsync(settings, static _ => { }, cancellationToken);

    /// <param name="replace">Runs after all services are registered; may replace them.</param>
    internal static async Task<SiloHost> StartAsync(SiloSettings settings, Action<IServiceCollection> replace, CancellationToken cancellationToken)
    {
        FeatureCatalogue catalogue = CatalogueFile.Load(settings.FeaturesFile);
        WebApplicationBuilder builder = HostBuilding.Create(settings.IsQuiet);
        SettingsCheck.Require(builder.Configuration, settings.Store, settings.Cluster, settings.Urls);
        using EarlyListener early = EarlyListener.Open(settings.Urls is null ? [] : ApiHosting.Listeners(settings.Urls));
        builder.Services.Configure<SocketTransportOptions>(options => options.CreateBoundListenSocket = early.Take);

        // The command reports a failed start in one sentence, so the host's stack trace is suppressed. A cancelled start is not a failure.
        bool isStarted = false;
        bool isLeftAlone = false;
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => isStarted && level >= LogLevel.Warning);
        builder.Logging.AddFilter("Orleans", level => IsTold(level, LogLevel.Warning));

        // Its warnings are about stages that take longer than a second to stop, which is normal when a population is handed over. Failures
        // are errors.
        builder.Logging.AddFilter("Orleans.Runtime.SiloLifecycleSubject", level => IsTold(level, LogLevel.Error));
        bool IsTold(LogLevel level, LogLevel least) => level >= least && !isLeftAlone && (isStarted || !cancellationToken.IsCancellationRequested);
        using ILoggerFactory logs = LoggerFactory.Create(logging =>
        {
            logging.SetMinimumLevel(settings.IsQuiet ? LogLevel.Warning : LogLevel.Information);
            LineFormatter.Use(logging);
        });
        ClusterPlace? cluster = settings.Cluster is { } overrule ? ClusterPlace.Read(builder.Configuration, settings.Store, overrule) : null;
        OpenStore open = await OpenStore.OpenAsync(builder.Configuration, settings.Store, cluster?.Settings.Id, logs, cancellationToken);
        IStore store = open.Store;
        WebApplication? app = null;
        try
        {
            TimeProvider clock = await SiloClock.OpenAsync(settings, store, cancellationToken);
            CatalogueHistory catalogues = await StoredCatalogues.AdoptAsync(store, catalogue, clock, cancellationToken);
            var traits = new TraitIndex(new SettingsReader(builder.Configuration).Read<CustomerOptions>(CustomerOptions.Section).IndexedTraits);
            await StoredTraitIndex.AdoptAsync(store, traits, logs.CreateLogger(typeof(StoredTraitIndex).FullName!), cancellationToken);
            builder.Services.AddSingleton(traits);
            Compose(builder, settings, catalogues, open, clock, cluster);
            replace(builder.Services);
            app = builder.Build();
            app.MapClientApi();
            app.MapOrleansDashboardIfOn();

            // A single silo starts quickly. Cancelled halfway, each of its parts would log a failure.
            await app.StartAsync(cluster is null ? CancellationToken.None : cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            isStarted = true;
            var host = new SiloHost(app, open, clock, settings.IsImport) { _leaveAlone = cluster is null ? () => isLeftAlone = true : null };
            await host.Grains.GetGrain<ITrainingGrain>(0).EnsureScheduled();
            return host;
        }
        catch
        {
            if (app is not null && cluster is null)
            {
                await StopHalfStartedAsync(app);
            }
            else if (app is not null)
            {
                await app.Services.GetRequiredService<IServer>().StopAsync(new CancellationToken(canceled: true));
            }

            await open.CloseAndDiscardIfEmptyAsync();
            throw;
        }
    }

    private static async Task StopHalfStartedAsync(WebApplication app)
    {
        try
        {
            await app.StopAsync(CancellationToken.None);
        }
        catch (Exception problem) when (problem is InvalidOperationException or AggregateException or ArgumentNullException)
        {
            // Orleans objects to stopping a silo that never started, as when the port of the API is in use, and the host to one whose services could not
            // be made. Why the start failed is what is told.
        }

        await app.DisposeAsync();
    }

    /// <summary>
    /// A silo of a cluster hands its customers over and leaves the membership. A single silo has no peers, and the store holds everything
    /// acknowledged: deactivating a million grains would take half a minute for nothing, so it only waits briefly for running requests.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource();
        if (_leaveAlone is not null)
        {
            _leaveAlone();
            patience.CancelAfter(LoneStopMax);
        }

        await App.StopAsync(patience.Token);
        await App.DisposeAsync();
        await (_discardsEmpty ? _open.CloseAndDiscardIfEmptyAsync() : Store.DisposeAsync());
    }

    private static void Compose(
        WebApplicationBuilder builder, SiloSettings settings, CatalogueHistory catalogues, OpenStore open, TimeProvider clock, ClusterPlace? cluster)
    {
        IServiceCollection services = builder.Services;
        services.AddSingleton(clock);
        services.AddSingleton(new StoreClock(clock, TimeProvider.System));
        services.AddSingleton<ICustomerStore>(new UpgradedCustomers(open.Store.Customers, new StateUpgrade(catalogues)));
        services.AddSingleton(open.Store.Control);
        if (open is { Store: EmbeddedStore embedded, BackupFolder: { } backups })
        {
            services.AddSingleton<IStoreBackup>(host => ActivatorUtilities.CreateInstance<SiloBackup>(host, embedded, backups));
        }

        builder.AddGrainRuntime(cluster);
        if (cluster is not null)
        {
            services.AddDraining(cluster);
        }

        services.AddGrainServices(builder.Configuration, catalogues, settings);
        services.AddWebhooks(builder.Configuration, TimeProvider.System);

        // A command that serves nobody leaves no keys behind.
        builder.AddApi(settings.Urls, settings.Urls is not null && open.Store is EmbeddedStore ? open.Name : null);
        services.AddHealthChecks().AddCheck<SiloReadiness>("silo");
        if (settings.Urls is not null)
        {
            services.AddBus(builder.Configuration);
        }
    }
}
