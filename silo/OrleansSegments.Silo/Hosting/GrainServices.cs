using System.Diagnostics.Metrics;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.Engine.Events;
using OrleansSegments.Engine.Features;
using OrleansSegments.Grains.Catalogues;
using OrleansSegments.Grains.Customers;
using OrleansSegments.Grains.Deadlines;
using OrleansSegments.Grains.Events;
using OrleansSegments.Grains.Metrics;
using OrleansSegments.Grains.Models;
using OrleansSegments.Grains.Populations;
using OrleansSegments.Grains.Segments;
using OrleansSegments.Grains.TrackingPlans;
using OrleansSegments.Grains.Training;
using OrleansSegments.Grains.Workers;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Totals;

namespace OrleansSegments.Silo.Hosting;

/// <summary>Registers what the grains of a silo share. Hosted services start in the order of registration: the model first.</summary>
internal static class GrainServices
{
    public static void AddGrainServices(
        this IServiceCollection services, IConfiguration configuration, CatalogueHistory catalogues, SiloSettings settings)
    {
        // Their values were checked before the store was opened; see SettingsCheck.
        services.AddOptions<TrainingScheduleOptions>().Bind(configuration.GetSection(TrainingScheduleOptions.Section))
            .Configure(o => o.Scheduled = settings.ScheduledTraining ?? o.Scheduled);
        services.AddOptions<MergeOptions>().Bind(configuration.GetSection(MergeOptions.Section));
        services.AddSingleton(catalogues);
        services.AddSingleton(catalogues.Current!);
        services.AddSingleton<FeatureEngine>();
        services.AddSingleton<EventReader>();
        services.AddSingleton<CustomerEvaluator>();
        services.AddSingleton<DirectDoor>();
        services.AddSingleton<StateMemory>();
        services.AddSingleton<Reconsiderations>();
        services.AddSingleton<SegmentStatistics>();
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
        services.AddHostedSingleton<EventReporter>();
        services.AddHostedSingleton<PlanInForce>();
        services.AddHostedSingleton<DeadlineScanner>();
        services.AddHostedService<SiloGauges>();
    }

    private static void AddHostedSingleton<T>(this IServiceCollection services)
        where T : class, IHostedService
    {
        services.AddSingleton<T>();
        services.AddHostedService(provider => provider.GetRequiredService<T>());
    }
}

/// <summary>Registers gauges for the metrics that are read on collection.</summary>
internal sealed class SiloGauges(
    SegmentsMetrics metrics, ICustomerStore store, DirectDoor door, StateMemory states, ModelCache models, TimeProvider clock) : IHostedService
{
    private readonly Lock _gate = new();
    private readonly SortedSet<int> _segments = [];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        metrics.StartAtZero();
        metrics.Observe("segments.population", "{customer}", "Customers that exist.", () => store.Totals.Population);
        metrics.Observe("segments.segment.size", "{customer}", "Customers in each segment.", ReadSizes);
        metrics.Observe("segments.customers.live", "{customer}", "Customers in memory.", () => door.Count);
        metrics.Observe("segments.customers.live.bytes", "By", "Encoded states in memory.", () => states.BytesInUse);
        metrics.Observe("segments.store.waiting", "{change}", "Changes waiting for commit.", () => store.Health.ChangesWaiting);
        metrics.Observe("segments.store.stall", "1", "Writes wait for compaction: 0 no, 1 slowed down, 2 stopped.", () => (int)store.Health.Stall);
        metrics.Observe("segments.store.writable", "1", "Whether the store can write: 1 yes, 0 no.", () => store.Health.Writable ? 1 : 0);
        metrics.Observe("segments.store.commits", "{commit}", "Commits since start.", () => store.Health.Commits);
        metrics.Observe("segments.store.committed", "{change}", "Changes made durable since start.", () => store.Health.ChangesCommitted);
        metrics.Observe("segments.model.version", "{version}", "Version of the current model.", () => models.Current.Version);
        metrics.Observe("segments.deadlines.overdue", "s", "How long the earliest deadline has passed; 0 when none has.", ReadOverdue);
        metrics.Observe("segments.memory.limit", "By", "Memory of the machine or the container.", () => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>A segment that lost its last customer is reported as 0: the exporter would repeat its last size for ever.</summary>
    private IEnumerable<Measurement<long>> ReadSizes()
    {
        SegmentTotals totals = store.Totals;
        lock (_gate)
        {
            _segments.UnionWith(totals.SizeBySegmentId.Keys);
            return [.. _segments.Select(id => new Measurement<long>(totals.SizeOf(id), new KeyValuePair<string, object?>("segment", SegmentKey.Of(id))))];
        }
    }

    private long ReadOverdue() => store.EarliestDeadlineMilliseconds is { } earliest
        ? Math.Max(0, clock.GetUtcNow().ToUnixTimeMilliseconds() - earliest) / 1_000
        : 0;
}
