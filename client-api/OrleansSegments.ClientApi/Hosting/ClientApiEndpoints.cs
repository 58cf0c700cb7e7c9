using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OrleansSegments.ClientApi.Changes;
using OrleansSegments.ClientApi.Clocks;
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
    public static WebApplication MapClientApi(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.AnswerUnmatchedRequests();
        app.UseRateLimiter();
        app.UseRequestDecompression();
        var v1 = app.MapGroup("/v1");
        v1.NameStoreClock(app.Services.GetRequiredService<StoreClock>());
        v1.AddEndpointFilter(app.Services.GetRequiredService<FailureFilter>());
        v1.MapEvents();
        v1.MapCustomers();
        v1.MapSegments();
        v1.MapChanges();
        v1.MapModels();
        app.MapRoot();
        app.MapHealth();
        app.MapMetrics();
        app.MapOpenApi();
        return app;
    }
}
