using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OrleansSegments.ClientApi.Changes;
using OrleansSegments.ClientApi.Customers;
using OrleansSegments.ClientApi.Errors;
using OrleansSegments.ClientApi.Events;
using OrleansSegments.ClientApi.Health;
using OrleansSegments.ClientApi.Metrics;
using OrleansSegments.ClientApi.Models;
using OrleansSegments.ClientApi.Segments;

namespace OrleansSegments.ClientApi.Hosting;

/// <summary>Maps every endpoint of the HTTP API.</summary>
public static class ClientApiEndpoints
{
    public static IEndpointRouteBuilder MapClientApi(this IEndpointRouteBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        // Made now, so that it hears the meters from their first measurement on.
        _ = app.ServiceProvider.GetRequiredService<MetricsCollector>();
        var v1 = app.MapGroup("/v1");
        v1.AddEndpointFilter(app.ServiceProvider.GetRequiredService<FailureFilter>());
        v1.MapEvents();
        v1.MapCustomers();
        v1.MapSegments();
        v1.MapChanges();
        v1.MapModels();
        app.MapHealth();
        app.MapMetrics();
        app.MapOpenApi();
        app.MapFallback("/v1/{**path}", (HttpContext context) => Unknown(context)).ExcludeFromDescription();
        return app;
    }

    private static IResult Unknown(HttpContext context) => ApiError.NotFound(
        $"There is no {context.Request.Method} {context.Request.Path}; /openapi/v1.json lists what there is.").ToResult();
}
