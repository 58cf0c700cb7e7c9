using OrleansSegments.Engine.Events;
using OrleansSegments.Engine.Features;
using OrleansSegments.Grains.Customers;
using OrleansSegments.Grains.Deadlines;
using OrleansSegments.Grains.Events;
using OrleansSegments.Grains.Metrics;
using OrleansSegments.Grains.Models;
using OrleansSegments.Grains.Populations;
using OrleansSegments.Grains.Segments;
using OrleansSegments.Grains.Training;
using OrleansSegments.Grains.Workers;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Silo.Hosting;

/// <summary>What the grains of a silo share. The order of the hosted services is the order of their start: the model first.</summary>
internal static class GrainServices
{
    public static void AddGrainServices(
        this IServiceCollection services, IConfiguration configuration, FeatureCatalogue catalogue, SiloSettings settings)
    {
        AddOptions(services, configuration, settings);
        services.AddSingleton(catalogue);
        services.AddSingleton<FeatureEngine>();
        services.AddSingleton<EventReader>();
        services.AddSingleton<CustomerEvaluator>();
        services.AddSingleton<DirectDoor>();
        services.AddSingleton<StateMemory>();
        services.AddSingleton<Reconsiderations>();
        services.AddSingleton<SegmentStatistics>();
        MlNetSeeder.AddIfChosen(services, configuration);
        services.AddSingleton<SegmentTrainer>();
        services.AddSingleton<RouterAdmission>();
        services.AddSingleton<BatchWorkPool>();
        services.AddSingleton<SegmentsMetrics>();
        services.AddSingleton(new MessageMemory(IsForever: settings.IsImport));
        services.AddSingleton<CustomerServices>();
        services.AddSingleton<PopulationSteps>();
        services.AddSingleton<RolloutWork>();
        services.AddSingleton<AliasClaims>();
        services.AddSingleton<TrainingWork>();
        services.AddSingleton<StatisticsWork>();
        services.AddSingleton<RolloutDriver>();
        services.AddHostedSingleton<ModelCache>();
        services.AddHostedSingleton<TotalsPublisher>();
        services.AddHostedSingleton<DeadlineScanner>();
        services.AddHostedService<SiloGauges>();
    }

    private static void AddOptions(IServiceCollection services, IConfiguration configuration, SiloSettings settings)
    {
        services.AddSection<ModelOptions>(configuration, ModelOptions.Section);
        services.AddSection<SegmentOptions>(configuration, SegmentOptions.Section);
        services.AddSection<DeadlineOptions>(configuration, DeadlineOptions.Section);
        services.AddSection<RouterOptions>(configuration, RouterOptions.Section);
        services.AddSection<MergeOptions>(configuration, MergeOptions.Section);
        services.AddSection<TrainingScheduleOptions>(configuration, TrainingScheduleOptions.Section);
        if (settings.ScheduledTraining is { } scheduled)
        {
            services.Configure<TrainingScheduleOptions>(o => o.Scheduled = scheduled);
        }
    }

    /// <summary>Their values were checked before the store was opened; see <see cref="SettingsCheck"/>.</summary>
    private static void AddSection<T>(this IServiceCollection services, IConfiguration configuration, string section)
        where T : class => services.AddOptions<T>().Bind(configuration.GetSection(section));

    private static void AddHostedSingleton<T>(this IServiceCollection services)
        where T : class, IHostedService
    {
        services.AddSingleton<T>();
        services.AddHostedService(provider => provider.GetRequiredService<T>());
    }
}

/// <summary>Lets the metrics tell what the silo holds at the moment they are read.</summary>
internal sealed class SiloGauges(SegmentsMetrics metrics, ICustomerStore store, DirectDoor door, StateMemory states, ModelCache models) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        metrics.Observe("segments.population", "{customer}", "Customers that exist.", () => store.Totals.Population);
        metrics.Observe("segments.customers.live", "{customer}", "Customers in memory.", () => door.Count);
        metrics.Observe("segments.customers.live.bytes", "By", "Encoded states in memory.", () => states.BytesInUse);
        metrics.Observe("segments.store.waiting", "{change}", "Changes waiting for commit.", () => store.Health.ChangesWaiting);
        metrics.Observe("segments.store.stall", "1", "Writes wait for compaction: 0 no, 1 slowed down, 2 stopped.", () => (int)store.Health.Stall);
        metrics.Observe("segments.store.commits", "{commit}", "Commits since start.", () => store.Health.Commits);
        metrics.Observe("segments.store.committed", "{change}", "Changes made durable since start.", () => store.Health.ChangesCommitted);
        metrics.Observe("segments.model.version", "{version}", "The model in force.", () => models.Current.Version);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
