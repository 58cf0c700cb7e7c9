using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OrleansSegments.ClientApi.Keys;
using OrleansSegments.ClientApi.OpenApi;

namespace OrleansSegments.ClientApi.Metrics;

/// <summary>Our meters in the Prometheus text format. A scraper on this machine needs no key.</summary>
internal static class MetricsEndpoints
{
    public static IEndpointRouteBuilder MapMetrics(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/metrics", Scrape)
            .WithMetadata(new DemandedRights(KeyRights.Read))
            .WithTags("Health")
            .WithName("metrics")
            .WithSummary("Counters, gauges and histograms in the Prometheus text format")
            .Produces<string>(StatusCodes.Status200OK, "text/plain")
            .ProducesErrors(401, 403);
        return endpoints;
    }

    private static IResult Scrape(HttpContext context, MetricsCollector collector)
    {
        var peer = context.Connection.RemoteIpAddress;
        var local = peer is not null && IPAddress.IsLoopback(peer);
        return (local ? null : KeyEndpointExtensions.Refusal(context, KeyRights.Read))
            ?? Results.Text(PrometheusFormat.Write(collector.Collect(), collector.MeasurementsDropped), PrometheusFormat.MediaType);
    }
}
