using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OrleansSegments.ClientApi.Changes;
using OrleansSegments.ClientApi.Errors;
using OrleansSegments.ClientApi.Events;
using OrleansSegments.ClientApi.Json;
using OrleansSegments.ClientApi.Keys;
using OrleansSegments.ClientApi.Metrics;
using OrleansSegments.ClientApi.OpenApi;

namespace OrleansSegments.ClientApi.Hosting;

/// <summary>
/// Registers the HTTP API. The host adds what it stands on: an Orleans.IGrainFactory, the process's TimeProvider, and
/// <see cref="Health.IReadinessProbe"/>s.
/// </summary>
public static class ClientApiServices
{
    public static IServiceCollection AddClientApi(this IServiceCollection services, Action<ClientApiOptions> configure)
    {
        services.AddOptions<ClientApiOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ClientApiOptions>, ClientApiOptionsValidation>());
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ClientApiJson.Default);

            // The web default reads numbers from text too, and the OpenAPI document would call every number "number or string".
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
        services.AddMetrics();
        services.AddSingleton<ClientApiMetrics>();
        services.AddSingleton<MetricsCollector>();
        services.AddSingleton<GeneratedKeys>();
        services.AddSingleton<KeyRing>();
        services.AddSingleton<FailureFilter>();
        services.AddSingleton<EventIntake>();
        services.AddSingleton<ChangeStreams>();
        services.AddHostedService<ListenerGuard>();
        services.AddOpenApi(ClientApiDocument.Name, ClientApiDocument.Describe);
        return services;
    }
}
