using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using OrleansSegments.ClientApi.Keys;
using OrleansSegments.ClientApi.OpenApi;
using OrleansSegments.Contracts.Traces;

namespace OrleansSegments.ClientApi.Metrics;

/// <summary>
/// Exports the meters with OpenTelemetry: in the Prometheus text format at /metrics and, when OTEL_EXPORTER_OTLP_ENDPOINT is set, by OTLP
/// together with the log and a trace of every HTTP request. Without that variable no span is made.
/// </summary>
internal static class Telemetry
{
    /// <summary>Our meters and sources of spans.</summary>
    private const string Ours = "OrleansSegments*";

    /// <summary>The meter of the .NET runtime: memory, garbage collection, threads.</summary>
    private const string Runtime = "System.Runtime";

    private static bool IsExported => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT"));

    public static void AddTelemetry(this IServiceCollection services)
    {
        var telemetry = services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter(Ours, Runtime)
            .AddPrometheusExporter(exporter => (exporter.ScopeInfoEnabled, exporter.TargetInfoEnabled) = (false, false)));
        if (IsExported)
        {
            telemetry.WithTracing(traces => traces
                .AddSource(Ours)
                .AddAspNetCoreInstrumentation(http => http.Filter = RequestSpans.IsTraced)
                .AddProcessor(new RequestSpans())).UseOtlpExporter();
        }

        services.AddSingleton<ClientApiMetrics>();
        services.AddSingleton<ProcessFigures>();
    }

    /// <summary>Lets the spans of the grains be children of their request's.</summary>
    public static void UseTraces(this IApplicationBuilder app)
    {
        if (IsExported)
        {
            app.Use(async (context, next) =>
            {
                CarriedTrace.Send(Activity.Current);
                await next(context);
            });
        }
    }

    /// <summary>A scraper on the same machine (loopback) needs no key.</summary>
    public static void MapMetrics(this IEndpointRouteBuilder endpoints)
    {
        var scrape = endpoints.CreateApplicationBuilder().UseOpenTelemetryPrometheusScrapingEndpoint(_ => true).Build();
        endpoints.MapGet("/metrics", async Task<IResult> (HttpContext context) =>
            {
                var peer = context.Connection.RemoteIpAddress;
                if ((peer is null || !IPAddress.IsLoopback(peer)) && KeyEndpointExtensions.Refusal(context, KeyRights.Read) is { } refusal)
                {
                    return refusal;
                }

                await scrape(context);
                return Results.Empty;
            })
            .WithMetadata(new DemandedRights(KeyRights.Read))
            .WithTags("Health")
            .WithName("metrics")
            .WithSummary("Counters, gauges and histograms in the Prometheus text format")
            .Produces<string>(StatusCodes.Status200OK, "text/plain")
            .ProducesErrors(401, 403);
    }
}
