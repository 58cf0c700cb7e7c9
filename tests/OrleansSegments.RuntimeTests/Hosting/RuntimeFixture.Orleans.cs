#if USE_ORLEANS
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Storage;
using Orleans.TestingHost;
using OrleansSegments.TestKit.Time;

namespace OrleansSegments.RuntimeTests.Hosting;

/// <summary>
/// One running silo on a clock of the test's own, on Orleans. Its stores outlive a restart. Membership stays on the system's clock: it watches
/// over processes and not over what tests do; so does the collection of idle grains, which knows no other (<see cref="IdleAges"/>).
/// </summary>
public sealed class RuntimeFixture : IAsyncDisposable
{
    private readonly RuntimeSettings _settings;
    private readonly KeptGrainStorage _states = new();
    private readonly KeptReminderTable _reminders = new();
    private readonly IdleAges _ages;
    private InProcessTestCluster _cluster;

    private RuntimeFixture(RuntimeSettings settings)
    {
        _settings = settings;
        _ages = new IdleAges(Clock);
        _cluster = Build();
    }

    public ManualTimeProvider Clock { get; } = new();

    public Probe Probe { get; } = new();

    public IGrainFactory Grains => Services.GetRequiredService<IGrainFactory>();

    private IServiceProvider Services => _cluster.GetSiloServiceProvider();

    private IManagementGrain Management => Grains.GetGrain<IManagementGrain>(0);

    public static async Task<RuntimeFixture> StartAsync(RuntimeSettings? settings = null)
    {
        var fixture = new RuntimeFixture(settings ?? new());
        await fixture._cluster.DeployAsync();
        return fixture;
    }

    public async Task<int> CountActivations<TGrain>()
    {
        SimpleGrainStatistic[] counts = await Management.GetSimpleGrainStatistics();
        return counts.Where(count => count.GrainType.StartsWith(typeof(TGrain).FullName!, StringComparison.Ordinal)).Sum(count => count.ActivationCount);
    }

    /// <summary>Ends what has been idle for its age.</summary>
    public Task CollectIdle() =>
        _ages.InTicks(_settings.CollectionAge) is { } age ? Management.ForceActivationCollection(age) : Task.CompletedTask;

    public Task StopAsync() => _cluster.Silos[0].SiloHost.StopAsync();

    /// <summary>A graceful stop, time passing, and a start on the same stores.</summary>
    public async Task RestartAsync(TimeSpan downFor = default)
    {
        await StopAsync();
        await _cluster.DisposeAsync();
        Clock.Advance(downFor);
        _cluster = Build();
        await _cluster.DeployAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Probe.OpenAll();
        await _cluster.DisposeAsync();
        _ages.Dispose();
    }

    private InProcessTestCluster Build()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.Options.InitializeClientOnDeploy = false;
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo((_, silo) =>
        {
            AddClocks(silo.Services);
            silo.Services.AddSingleton(Probe);
            silo.Services.AddKeyedSingleton<IGrainStorage>("test", _states);
            silo.AddReminders();
            silo.Services.AddSingleton<IReminderTable>(_reminders);
            silo.Services.Configure<SiloMessagingOptions>(options =>
            {
                options.MaxEnqueuedRequestsHardLimit = _settings.MailboxCallsMax;
                options.ResponseTimeout = _settings.ResponseTimeout;

                // As a silo has it: a call must find a grain that is deactivated again and again.
                options.MaxForwardCount = 8;
            });
            silo.Services.Configure<ReminderOptions>(options => options.ReminderLoadingWindow = TimeSpan.FromDays(30));
            silo.Services.Configure<GrainCollectionOptions>(options => options.CollectionAge = _settings.CollectionAge);
        });
        return builder.Build();
    }

    private void AddClocks(IServiceCollection services)
    {
        var clock = new PassingClock(Clock);
        services.AddKeyedSingleton<TimeProvider>(TimeProviderNames.Grains, clock);
        services.AddKeyedSingleton<TimeProvider>(TimeProviderNames.Messaging, clock);
        services.AddKeyedSingleton<TimeProvider>(Orleans.Reminders.ReminderTimeProviderNames.Reminders, clock);
    }
}
#endif
