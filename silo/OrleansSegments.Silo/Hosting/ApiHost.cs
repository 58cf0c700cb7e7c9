using OrleansSegments.ClientApi.Console;
using OrleansSegments.ClientApi.Hosting;

namespace OrleansSegments.Silo.Hosting;

/// <summary>Hosts the HTTP API without a silo: a client of a cluster, which it finds through the silos' shared database.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ApiHost(WebApplication app) => _app = app;

    /// <summary>Completes when the API serves; waits until a silo of the cluster can be reached.</summary>
    public static async Task<ApiHost> StartAsync(string? connection, string urls, Action<ClusterSettings> overrule, CancellationToken cancellationToken)
    {
        WebApplicationBuilder builder = HostBuilding.Create(isQuiet: false);
        var store = new StoreArguments(StoreSelectionOptions.Postgresql, connection, null, "", StoreStart.AsItIs);
        void Overrule(ClusterSettings settings)
        {
            overrule(settings);

            // A client has no listeners of its own.
            (settings.Advertise, settings.ListenOnAny) = ("127.0.0.1", false);
        }

        SettingsCheck.Require(builder.Configuration, store, Overrule, urls);
        ClusterPlace cluster = ClusterPlace.Read(builder.Configuration, store, Overrule);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.AddGrainClient(cluster);
        builder.Services.AddDraining(cluster);
        builder.AddApi(urls, keysFolder: null);
        builder.Services.AddHealthChecks().AddCheck<ClusterReadiness>("cluster");
        WebApplication app = builder.Build();
        app.MapClientApi();
        app.MapOrleansDashboardIfOn();
        Console.Error.WriteLine($"Looking for the silos of cluster {cluster.Settings.Id} in PostgreSQL at {cluster.Where}.");
        await app.StartAsync(cancellationToken);
        Console.Error.WriteLine($"Serving cluster {cluster.Settings.Id} at {string.Join(' ', app.Urls)}. Ctrl-C stops.");
        ConsoleLink.Print(app, Console.Error);
        app.Services.PrintGeneratedKeys(Console.Error);
        return new ApiHost(app);
    }

    /// <summary>Completes when the process is asked to stop.</summary>
    public async Task WaitForStopAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration _ = cancellationToken.Register(_app.Lifetime.StopApplication);
        await _app.WaitForShutdownAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
