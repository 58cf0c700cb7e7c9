using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansSegments.ClientApi.Backups;
using OrleansSegments.ClientApi.Changes;
using OrleansSegments.ClientApi.Clocks;
using OrleansSegments.ClientApi.Customers;
using OrleansSegments.ClientApi.Errors;
using OrleansSegments.ClientApi.Events;
using OrleansSegments.ClientApi.Health;
using OrleansSegments.ClientApi.Keys;
using OrleansSegments.ClientApi.Metrics;
using OrleansSegments.ClientApi.Models;
using OrleansSegments.ClientApi.OpenApi;
using OrleansSegments.ClientApi.Segments;
using OrleansSegments.ClientApi.Settings;

namespace OrleansSegments.ClientApi.Hosting;

/// <summary>
/// Registers the HTTP API. The host must provide an Orleans.IGrainFactory, the process's TimeProvider, health checks, and a <see
/// cref="StoreClock"/> when the store does not run on the process's clock.
/// </summary>
public static class ClientApiServices
{
    public static IServiceCollection AddClientApi(this IServiceCollection services, Action<ClientApiOptions> configure)
    {
        services.AddOptions<ClientApiOptions>().Configure(configure);
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, JsonTypeInfoResolver.Combine(
                ErrorsJson.Default, IngestionJson.Default, CustomersJson.Default, SegmentsJson.Default, ChangesJson.Default, ModelsJson.Default, BackupsJson.Default,
                HealthJson.Default, RootJson.Default));

            // The web defaults also read numbers from strings, and the OpenAPI document would then describe every number as "number or
            // string".
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
        services.AddTelemetry();
        services.AddReadiness();
        services.AddConcurrencyLimits();
        services.AddRequestDecompression(decompression =>
        {
            decompression.DecompressionProviders.Remove("br");
            decompression.DecompressionProviders.Remove("deflate");
        });
        services.AddSingleton<GeneratedKeys>();
        services.AddSingleton<KeyRing>();
        services.AddSingleton<FailureFilter>();
        services.TryAddSingleton(provider => new StoreClock(provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<RejectionLog>();
        services.AddSingleton<EventIntake>();
        services.AddSingleton<ChangeStreams>();
        services.AddHostedService<ListenerGuard>();
        services.AddOpenApi(ClientApiDocument.Name, ClientApiDocument.Describe);
        return services;
    }
}
