using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using OrleansSegments.ClientApi.Errors;
using OrleansSegments.ClientApi.Json;
using OrleansSegments.ClientApi.Keys;
using OrleansSegments.ClientApi.OpenApi;
using OrleansSegments.ClientApi.Queries;
using OrleansSegments.ClientApi.Settings;

namespace OrleansSegments.ClientApi.Events;

/// <summary>What SDKs ask for beside sending events: their settings at start, and a place for metrics of their own.</summary>
internal static class SourceEndpoints
{
    /// <summary>How long an SDK may keep the settings: they change only when the server moves.</summary>
    private const string Cached = "public, max-age=300";

    public static RouteGroupBuilder MapSources(this RouteGroupBuilder api)
    {
        var bytesMax = ((IEndpointRouteBuilder)api).ServiceProvider.GetRequiredService<IOptions<ClientApiOptions>>().Value.RequestBytesMax;
        api.MapGet("/v1/projects/{writeKey}/settings", Settings)
            .RequireCors(Browsers.Policy).WithTags("Events")
            .WithName("source-settings").WithSummary("The settings that analytics.js and Analytics-CSharp fetch when they start")
            .WithDescription("Names this server, by the host of the request, as the only destination. The write key in the path is the only one needed.")
            .Produces<SourceSettings>().ProducesErrors(404);
        api.MapPost("/v1/m", TakeMetricsAsync)
            .WithMetadata(new RequestSizeLimitAttribute(bytesMax))
            .RequireCors(Browsers.Policy).WithTags("Events")
            .WithName("source-metrics").WithSummary("Takes the metrics that analytics.js has of itself, and ignores them")
            .Produces<MetricsAnswer>().ProducesErrors(413);
        return api;
    }

    /// <summary>
    /// Reads what it ignores, up to the limit of all ingestion: a body that is left unread, or refused before the client has sent it, ends the connection
    /// under the client's next request.
    /// </summary>
    private static async Task<IResult> TakeMetricsAsync(HttpContext context, IOptions<ClientApiOptions> options)
    {
        try
        {
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return RequestBody.TooLarge(options.Value.RequestBytesMax).ToResult();
        }
        catch (InvalidDataException)
        {
            // Damaged gzip of something that is ignored.
        }

        return Results.Json(new MetricsAnswer(true), SourcesJson.Default.MetricsAnswer);
    }

    private static IResult Settings(string writeKey, HttpContext context, KeyRing keys)
    {
        var presented = default(PresentedKeys).With(SentPath.Decode(writeKey), keys);
        if (presented.Writer is null)
        {
            return ApiError.NotFound("There is no such write key; /v1/projects/WRITE_KEY/settings has the settings of its SDKs.").ToResult();
        }

        context.Response.Headers.CacheControl = Cached;
        var destination = new SourceDestination(SentPath.Decode(writeKey), $"{context.Request.Host}/v1", context.Request.IsHttps ? null : "http");
        return Results.Json(new SourceSettings(new() { ["Segment.io"] = destination }, SourcePlan.AllowAll, new()), SourcesJson.Default.SourceSettings);
    }
}

/// <summary>Web pages of any origin may send events and fetch settings: the shop is on another host, and the key is in the request.</summary>
internal static class Browsers
{
    public const string Policy = "browsers";

    /// <summary>How long a browser need not ask again; the longest that any browser accepts is a day.</summary>
    private static readonly TimeSpan PreflightAge = TimeSpan.FromHours(2);

    public static void Add(CorsOptions cors) => cors.AddPolicy(Policy, policy => policy
        .AllowAnyOrigin().AllowAnyHeader().WithMethods(HttpMethods.Post, HttpMethods.Get, HttpMethods.Options)
        .WithExposedHeaders(HeaderNames.RetryAfter, ApiErrorResult.RateLimitReset).SetPreflightMaxAge(PreflightAge));
}

internal sealed record MetricsAnswer(bool Success);

/// <summary>The settings document of Segment's SDKs, as far as they need it.</summary>
internal sealed record SourceSettings(Dictionary<string, SourceDestination> Integrations, SourcePlan Plan, Dictionary<string, string> EdgeFunction);

/// <param name="ApiHost">Host and path below which the SDK sends, without a scheme.</param>
/// <param name="Protocol">"http" when the server is reached without TLS; absent otherwise, for which SDKs take https.</param>
internal sealed record SourceDestination(string ApiKey, string ApiHost, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Protocol);

internal sealed record SourcePlan(Dictionary<string, PlannedEvent> Track, Dictionary<string, PlannedEvent> Identify, Dictionary<string, PlannedEvent> Group)
{
    private static readonly Dictionary<string, PlannedEvent> All = new() { ["__default"] = new PlannedEvent(true) };

    public static SourcePlan AllowAll { get; } = new(All, All, All);
}

internal sealed record PlannedEvent(bool Enabled);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, Converters = [typeof(FiniteDoubleConverter)])]
[JsonSerializable(typeof(SourceSettings))]
[JsonSerializable(typeof(MetricsAnswer))]
internal sealed partial class SourcesJson : JsonSerializerContext;
