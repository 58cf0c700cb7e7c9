using MassTransit;
using MassTransit.Serialization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using OrleansSegments.Contracts.Bus;

namespace OrleansSegments.Bus;

/// <summary>Connects a silo to the message bus when one is configured. The host must provide an <see cref="Contracts.Events.IEventIntake"/>.</summary>
public static class BusServices
{
    /// <summary>Attempts of a message while the store is busy, 5 s apart in the end. The broker hands it out anew long before the last.</summary>
    private const int AttemptsMax = 10_000;

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(5);

    /// <summary>A broker that does not answer for so long is given up, and connected to anew.</summary>
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(10);

    public static IServiceCollection AddBus(this IServiceCollection services, IConfiguration configuration)
    {
        IConfigurationSection section = configuration.GetSection(BusOptions.Section);
        services.AddOptions<BusOptions>().Bind(section);
        services.AddSingleton<BusMetrics>();
        BusOptions options = section.Get<BusOptions>() ?? new BusOptions();
        if (!options.IsOn)
        {
            return services;
        }

        // Its errors tell every message that fails, with a trace; counters and GET /v1/admin/bus say the same. Its warnings tell of lost connections.
        services.AddLogging(logging => logging.AddFilter("MassTransit", level => level == LogLevel.Warning));
        services.AddHostedService<PublisherWatch>();
        return services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddConsumer<EventConsumer>();

            // Without the broker a silo still serves HTTP: it is shown and takes nothing out of rotation.
            bus.ConfigureHealthCheckOptions(health => (health.Name, health.MinimalFailureStatus) = ("bus", HealthStatus.Degraded));
            bus.UsingRabbitMq((services, rabbit) =>
            {
                rabbit.Host(new Uri(options.Address), host =>
                {
                    host.Heartbeat(AnswersWithin);
                    host.RequestedConnectionTimeout(AnswersWithin);
                    host.ContinuationTimeout(AnswersWithin);
                });
                rabbit.ReceiveEndpoint(options.Queue, queue => Configure(queue, options, services));
            });
        });
    }

    private static void Configure(IRabbitMqReceiveEndpointConfigurator queue, BusOptions options, IRegistrationContext services)
    {
        queue.PrefetchCount = options.PrefetchMessages;
        queue.PublishFaults = false;
        if (options.QuorumQueue)
        {
            queue.SetQuorumQueue();
        }

        if (options.DeadLetterExchange.Length > 0)
        {
            queue.SetQueueArgument("x-dead-letter-exchange", options.DeadLetterExchange);
        }

        // Any JSON, whatever its content type and message type say: its form is ours to read.
        queue.ClearSerialization();
        queue.UseRawJsonSerializer(RawSerializerOptions.AnyMessageType | RawSerializerOptions.CopyHeaders, isDefault: true);
        queue.UseMessageRetry(retry =>
        {
            retry.Ignore<MessageRefusedException>();
            retry.Exponential(AttemptsMax, FirstRetry, LastRetry, FirstRetry);
        });
        queue.ConfigureConsumer<EventConsumer>(services);
    }
}

/// <summary>Has the cluster's only publisher run; the silo that asks first holds it.</summary>
internal sealed partial class PublisherWatch(IGrainFactory grains, TimeProvider clock, ILogger<PublisherWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            try
            {
                await grains.GetGrain<IChangePublisher>(0).EnsureRunning();
            }
            catch (Exception problem) when (problem is not OutOfMemoryException)
            {
                LogProblem(logger, problem);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The publisher of changes was not reached; tried again")]
    private static partial void LogProblem(ILogger logger, Exception problem);
}
