using OrleansSegments.Engine.Events;
using OrleansSegments.Engine.Features;
using OrleansSegments.Grains.Customers;
using OrleansSegments.Grains.Deadlines;
using OrleansSegments.Grains.Events;
using OrleansSegments.Grains.Metrics;
using OrleansSegments.Grains.Models;
using OrleansSegments.Grains.Populations;
using OrleansSegments.Grains.Segments;
using OrleansSegments.Grains.Segments.Statistics;
using OrleansSegments.Grains.Training;

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
        services.AddSingleton<CustomerServices>();
        services.AddSingleton<PopulationSteps>();
        services.AddSingleton<RolloutWork>();
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
        services.AddChecked<ModelOptions>(configuration, ModelOptions.Section);
        services.AddChecked<SegmentOptions>(configuration, SegmentOptions.Section);
        services.AddChecked<DeadlineOptions>(configuration, DeadlineOptions.Section);
        services.AddChecked<RouterOptions>(configuration, RouterOptions.Section);
        services.AddChecked<TrainingScheduleOptions>(configuration, TrainingScheduleOptions.Section)
            .Validate(o => o.SegmentsMin <= o.SegmentsMax, "Training:SegmentsMin must not exceed Training:SegmentsMax. Change one of them.");
        if (settings.ScheduledTraining is { } scheduled)
        {
            services.Configure<TrainingScheduleOptions>(o => o.Scheduled = scheduled);
        }
    }

    private static Microsoft.Extensions.Options.OptionsBuilder<T> AddChecked<T>(this IServiceCollection services, IConfiguration configuration, string section)
        where T : class => services.AddOptions<T>().Bind(configuration.GetSection(section)).ValidateDataAnnotations().ValidateOnStart();

    private static void AddHostedSingleton<T>(this IServiceCollection services)
        where T : class, IHostedService
    {
        services.AddSingleton<T>();
        services.AddHostedService(provider => provider.GetRequiredService<T>());
    }
}
