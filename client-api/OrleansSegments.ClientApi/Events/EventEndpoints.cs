using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using OrleansSegments.ClientApi.Keys;
using OrleansSegments.ClientApi.OpenApi;
using OrleansSegments.ClientApi.Queries;
using OrleansSegments.ClientApi.Settings;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.ClientApi.Events;

/// <summary>
/// The ingestion endpoints of Segment's HTTP API: batches, single calls and the one-letter paths of browser clients. The media type is
/// ignored, because real clients send text/plain, form data or none; a trailing slash matches too.
/// </summary>
internal static class EventEndpoints
{
    /// <summary>Name of the limit on concurrent ingestion requests, as error messages show it.</summary>
    public const string Limit = "ingestion";

    private static readonly (string Path, EventKind? Kind)[] Paths =
    [
        ("batch", null), ("import", null), ("b", null),
        ("track", EventKind.Track), ("t", EventKind.Track),
        ("identify", EventKind.Identify), ("i", EventKind.Identify),
        ("page", EventKind.Page), ("p", EventKind.Page),
        ("screen", EventKind.Screen), ("s", EventKind.Screen),
        ("group", EventKind.Group), ("g", EventKind.Group),
        ("alias", EventKind.Alias), ("a", EventKind.Alias),
    ];

    public static RouteGroupBuilder MapEvents(this RouteGroupBuilder v1)
    {
        var bytesMax = ((IEndpointRouteBuilder)v1).ServiceProvider.GetRequiredService<IOptions<ClientApiOptions>>().Value.RequestBytesMax;
        foreach (var (path, kind) in Paths)
        {
            var endpoint = v1.MapPost(path, (HttpContext context, EventIntake intake) => intake.TakeAsync(context, kind))
                .WithMetadata(new DemandedRights(KeyRights.Write), new RequestSizeLimitAttribute(bytesMax))
                .RequireRateLimiting(Limit)
                .WithTags("Events")
                .WithName($"events-{path}")
                .WithSummary(kind is null ? "Takes a batch of events" : $"Takes one {path} event")
                .WithDescription(IngestionDescription.Text)
                .Produces<IngestionAnswer>()
                .ProducesErrors(400, 401, 403, 413, 429, 503)
                .AddOpenApiOperationTransformer((operation, _, _) => IngestionDescription.DescribeBody(operation, kind));
            if (path.Length == 1)
            {
                endpoint.ExcludeFromDescription();
            }
        }

        return v1;
    }
}

/// <summary>The OpenAPI description of the ingestion endpoints. The body is described by hand because no media type is bound.</summary>
internal static class IngestionDescription
{
    public const string Text =
        "Answers 200 only when the effect of every accepted event is durable. Sending the same request again within 24 hours, any number of times, "
        + "changes nothing: events are told apart by messageId. An event without messageId gets one from its own bytes (sha256- and 32 hexadecimal digits), so "
        + "two such events with identical bytes count as one. Times are corrected for the client's clock: receivedAt - (sentAt - timestamp). A store on a "
        + "replayed clock refuses events of the present with outside_replayed_time; it never changes their date. The "
        + "body may be gzip; the media type is ignored. The key may also be sent as writeKey in the body. A bad event in a batch is listed in "
        + "rejected; the others are accepted. Values that cannot be read are left out of an accepted event and counted in segments_events_ignored_total; a customer "
        + "keeps 300 traits with names of 255 and values of 8,192 bytes, 65,536 together, and those set longest ago go first. docs/events.md has the rules.";

    public static Task DescribeBody(OpenApiOperation operation, EventKind? kind)
    {
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType> { ["application/json"] = new() { Schema = kind is null ? BatchSchema() : EventSchema() } },
        };
        return Task.CompletedTask;
    }

    private static OpenApiSchema BatchSchema() => new()
    {
        Type = JsonSchemaType.Object,
        Required = new HashSet<string> { "batch" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["batch"] = new OpenApiSchema { Type = JsonSchemaType.Array, Items = EventSchema() },
            ["writeKey"] = Of(JsonSchemaType.String),
            ["sentAt"] = Of(JsonSchemaType.String, "date-time"),
            ["context"] = Of(JsonSchemaType.Object),
        },
    };

    private static OpenApiSchema EventSchema() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "Needs userId or anonymousId; in a batch also type, and event for a track.",
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["type"] = Of(JsonSchemaType.String),
            ["event"] = Of(JsonSchemaType.String),
            ["name"] = Of(JsonSchemaType.String),
            ["userId"] = Of(JsonSchemaType.String | JsonSchemaType.Number),
            ["anonymousId"] = Of(JsonSchemaType.String | JsonSchemaType.Number),
            ["groupId"] = Of(JsonSchemaType.String | JsonSchemaType.Number),
            ["messageId"] = Of(JsonSchemaType.String),
            ["timestamp"] = Of(JsonSchemaType.String, "date-time"),
            ["originalTimestamp"] = Of(JsonSchemaType.String, "date-time"),
            ["sentAt"] = Of(JsonSchemaType.String, "date-time"),
            ["properties"] = Of(JsonSchemaType.Object),
            ["traits"] = Of(JsonSchemaType.Object),
            ["context"] = Of(JsonSchemaType.Object),
        },
    };

    private static OpenApiSchema Of(JsonSchemaType type, string? format = null) => new() { Type = type, Format = format };
}
