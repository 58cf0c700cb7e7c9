using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OrleansSegments.ClientApi.Backups;
using OrleansSegments.ClientApi.Changes;
using OrleansSegments.ClientApi.Clocks;
using OrleansSegments.ClientApi.Customers;
using OrleansSegments.ClientApi.Errors;
using OrleansSegments.ClientApi.Events;
using OrleansSegments.ClientApi.Health;
using OrleansSegments.ClientApi.Json;
using OrleansSegments.ClientApi.Metrics;
using OrleansSegments.ClientApi.Models;
using OrleansSegments.ClientApi.Queries;
using OrleansSegments.ClientApi.Segments;

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
        v1.MapBackups();
        app.MapRoot();
        app.MapHealth();
        app.MapMetrics();
        app.MapOpenApi();
        return app;
    }
}

/// <summary>The page at the root address: name, version and links.</summary>
internal static class RootEndpoint
{
    private static readonly string Version = typeof(RootEndpoint).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    public static void MapRoot(this IEndpointRouteBuilder endpoints) => endpoints.MapMethods("/", [HttpMethods.Get, HttpMethods.Head], Answer).ExcludeFromDescription();

    private static IResult Answer() => Results.Json(
        new RootAnswer("OrleansSegments", Version, "Live customer segmentation over HTTP.", "/openapi/v1.json", "/health/ready", "/metrics"), RootJson.Default.RootAnswer);
}

internal sealed record RootAnswer(string Name, string Version, string About, string Api, string Health, string Metrics);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, Converters = [typeof(FiniteDoubleConverter)])]
[JsonSerializable(typeof(RootAnswer))]
internal sealed partial class RootJson : JsonSerializerContext;
