using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OrleansSegments.ClientApi.Json;

namespace OrleansSegments.ClientApi.Health;

/// <summary>Live: the process responds. Ready: all health checks of the host pass. Neither needs a key.</summary>
internal static class HealthEndpoints
{
    /// <summary>How long a readiness probe may take before the answer is "not ready": below the 3 s after which those in deploy/ give up, so that the reason is told.</summary>
    private static readonly TimeSpan ReadinessTimeout = TimeSpan.FromSeconds(2);

    /// <summary>The host adds the checks.</summary>
    public static void AddReadiness(this IServiceCollection services)
    {
        services.AddHealthChecks();
        services.AddOptions<HealthCheckServiceOptions>().PostConfigure(health =>
        {
            foreach (var check in health.Registrations)
            {
                check.Timeout = ReadinessTimeout;
            }
        });
    }

    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder endpoints)
    {
        var health = endpoints.MapGroup("/health").WithTags("Health");
        health.MapGet("live", Live)
            .WithName("health-live").WithSummary("The process responds").Produces<HealthAnswer>();
        health.MapGet("ready", ReadyAsync)
            .WithName("health-ready").WithSummary("Ready to serve requests, with what is degraded; if not, the reasons")
            .Produces<HealthAnswer>().Produces<HealthAnswer>(StatusCodes.Status503ServiceUnavailable);
        health.MapMethods("live", [HttpMethods.Head], Live).ExcludeFromDescription();
        health.MapMethods("ready", [HttpMethods.Head], ReadyAsync).ExcludeFromDescription();
        return endpoints;
    }

    private static IResult Live() => Answer(StatusCodes.Status200OK, "live", []);

    private static async Task<IResult> ReadyAsync(HealthCheckService checks, CancellationToken aborted)
    {
        var found = (await checks.CheckHealthAsync(aborted)).Entries;

        // Without a registered check readiness is unknown, so the answer is "not ready".
        string[] reasons = found.Count == 0
            ? ["The host registered no health check."]
            : [.. found.Where(check => check.Value.Status != HealthStatus.Healthy).Select(check => $"{check.Value.Description}")];
        return found.Count > 0 && found.Values.All(check => check.Status != HealthStatus.Unhealthy)
            ? Answer(StatusCodes.Status200OK, "ready", reasons)
            : Answer(StatusCodes.Status503ServiceUnavailable, "not ready", reasons);
    }

    private static IResult Answer(int status, string word, string[] reasons) =>
        Results.Json(new HealthAnswer(word, reasons), HealthJson.Default.HealthAnswer, statusCode: status);
}

internal sealed record HealthAnswer(string Status, string[] Reasons);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, Converters = [typeof(FiniteDoubleConverter)])]
[JsonSerializable(typeof(HealthAnswer))]
internal sealed partial class HealthJson : JsonSerializerContext;
