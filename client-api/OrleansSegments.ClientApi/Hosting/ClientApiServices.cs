using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OrleansSegments.ClientApi.Backups;
using OrleansSegments.ClientApi.Bus;
using OrleansSegments.ClientApi.Changes;
using OrleansSegments.ClientApi.Clocks;
using OrleansSegments.ClientApi.Console;
using OrleansSegments.ClientApi.Customers;
using OrleansSegments.ClientApi.Errors;
using OrleansSegments.ClientApi.Events;
using OrleansSegments.ClientApi.Files;
using OrleansSegments.ClientApi.Health;
using OrleansSegments.ClientApi.Keys;
using OrleansSegments.ClientApi.Metrics;
using OrleansSegments.ClientApi.Models;
using OrleansSegments.ClientApi.OpenApi;
using OrleansSegments.ClientApi.Segments;
using OrleansSegments.ClientApi.Settings;
using OrleansSegments.ClientApi.Webhooks;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.ClientApi.Hosting;

/// <summary>
/// Registers the HTTP API. The host must provide an Orleans.IGrainFactory, the process's TimeProvider, health checks, and a <see
/// cref="StoreClock"/> when the store does not run on the process's clock. The server starts before all other services of the host and
/// stops after them; see <see cref="RequestGate"/>.
/// </summary>
public static class ClientApiServices
{
    /// <param name="configure">Overrules the settings of the section ClientApi, which are followed while the process runs.</param>
    /// <param name="keysFolder">Where generated keys are kept when none are configured; null to keep them nowhere.</param>
    public static void AddClientApi(this WebApplicationBuilder builder, Action<ClientApiOptions> configure, string? keysFolder = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        var services = builder.Services;
        var settings = builder.Configuration.GetSection(ClientApiOptions.SectionName);
        var configured = settings.Get<ClientApiOptions>() ?? new ClientApiOptions();
        configure(configured);
        var generated = GeneratedKeys.AddTo(builder.Configuration, areNeeded: !configured.HasKeys, keysFolder);
        services.AddSingleton(provider => generated(provider.GetRequiredService<IOptionsMonitor<ClientApiOptions>>()));
        services.AddOptions<ClientApiOptions>().Bind(settings).Configure(configure);
        services.AddEverything();
        builder.Host.ConfigureContainer<IServiceCollection>((_, all) => all.ServeFirstAndLast());
    }

    private static void AddEverything(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, JsonTypeInfoResolver.Combine(
                ErrorsJson.Default, IngestionJson.Default, CustomersJson.Default, SegmentsJson.Default, ChangesJson.Default, ModelsJson.Default, BackupsJson.Default,
                HealthJson.Default, SourcesJson.Default, KeysJson.Default, BusJson.Default, WebhooksJson.Default));

            // The web defaults also read numbers from strings, and the OpenAPI document would then describe every number as "number or
            // string".
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
        services.AddTelemetry();
        services.AddReadiness();
        services.AddConcurrencyLimits();
        services.AddCors(Browsers.Add);
        services.AddRequestDecompression(decompression =>
        {
            decompression.DecompressionProviders.Remove("br");
            decompression.DecompressionProviders.Remove("deflate");
        });
        services.AddSingleton<KeyRing>();
        services.AddSingleton<KeyLimits>();
        services.AddSingleton<IngestionRoom>();
        services.AddSingleton<RequestGate>();
        services.AddSingleton<FailureFilter>();
        services.TryAddSingleton(provider => new StoreClock(provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<RejectionLog>();
        services.AddSingleton<BatchIntake>();
        services.AddSingleton<IEventIntake>(provider => provider.GetRequiredService<BatchIntake>());
        services.AddSingleton<EventIntake>();
        services.AddSingleton<ChangeStreams>();
        services.AddSingleton<FileAnswers>();
        services.AddHostedService<ListenerGuard>();
        services.AddConsole();
        services.AddOpenApi(ClientApiDocument.Name, ClientApiDocument.Describe);
    }

    /// <summary>Services start in the order of registration and stop in reverse. The builder registers the server last, after everything that a host adds.</summary>
    private static void ServeFirstAndLast(this IServiceCollection services)
    {
        var server = services.Last(service => service.ServiceType == typeof(IHostedService));
        services.Remove(server);
        services.Insert(0, server);
        services.AddHostedService(provider => provider.GetRequiredService<RequestGate>());
    }
}
