using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrleansSegments.ClientApi.Backups;
using OrleansSegments.ClientApi.Bus;
using OrleansSegments.ClientApi.Changes;
using OrleansSegments.ClientApi.Clocks;
using OrleansSegments.ClientApi.Console;
using OrleansSegments.ClientApi.Customers;
using OrleansSegments.ClientApi.Errors;
using OrleansSegments.ClientApi.Events;
using OrleansSegments.ClientApi.Health;
using OrleansSegments.ClientApi.Metrics;
using OrleansSegments.ClientApi.Models;
using OrleansSegments.ClientApi.Queries;
using OrleansSegments.ClientApi.Segments;
using OrleansSegments.ClientApi.Settings;
using OrleansSegments.ClientApi.Webhooks;

namespace OrleansSegments.ClientApi.Hosting;

/// <summary>Maps every endpoint of the HTTP API.</summary>
public static class ClientApiEndpoints
{
    public static WebApplication MapClientApi(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.UseTraces();
        MalformedRequests.Answer(app);
        app.AnswerUnmatchedRequests();
        app.UseSentPath();
        app.UsePathPrefix();
        app.UseRouting();
        app.UseCors();
        app.UseRateLimiter();
        app.UseContentCoding();
        app.UseRequestDecompression();
        var api = app.MapGroup("");
        api.NameStoreClock(app.Services.GetRequiredService<StoreClock>());
        api.AddEndpointFilter(app.Services.GetRequiredService<FailureFilter>());
        api.AddEndpointFilter(app.Services.GetRequiredService<RequestGate>());
        api.MapEvents();
        api.MapSources();
        var v1 = api.MapGroup("/v1");
        v1.MapKeys();
        v1.MapEventCatalogue();
        v1.MapRejections();
        v1.MapTrackingPlan();
        v1.MapCustomers();
        v1.MapCustomerSearch();
        v1.MapSegments();
        v1.MapChanges();
        v1.MapModels();
        v1.MapWebhooks();
        v1.MapBackups();
        v1.MapBus();
        app.MapHealth();
        app.MapMetrics();
        app.MapOpenApi();
        if (app.Services.GetRequiredService<IOptions<ClientApiOptions>>().Value.Console)
        {
            app.MapConsole(app.Services.GetRequiredService<RequestGate>().WhenStartedAsync);
        }

        return app;
    }
}
