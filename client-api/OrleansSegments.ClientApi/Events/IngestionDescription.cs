using Microsoft.OpenApi;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.ClientApi.Events;

/// <summary>The OpenAPI description of the ingestion endpoints. The body is described by hand because no media type is bound.</summary>
internal static class IngestionDescription
{
    public const string Text =
        "Answers 200 only when the effect of every accepted event is durable. Sending the same request again within 24 hours, any number of times, "
        + "changes nothing as long as its events can be recognised: by messageId, which every SDK sends, or, where it is missing, by the event's own timestamp, together with all its other bytes. "
        + "An event with neither messageId nor timestamp is a new event each time it is sent. "
        + "A batch answered with anything but 200 may be sent again as a whole. 429 and 503 name the time in Retry-After and X-RateLimit-Reset (seconds); any other refusal is final. "
        + "Times are corrected for the client's clock: receivedAt - (sentAt - timestamp). A store on a "
        + "replayed clock refuses events of the present with outside_replayed_time; it never changes their date. "
        + "The body is JSON in UTF-8, with or without a byte order mark, plain or gzip (Content-Encoding: gzip or x-gzip); the media type is ignored. "
        + "The key is sent as Basic user name, Bearer token, X-Write-Key, X-Api-Key or writeKey in the body; it ends at the first colon. A bad event in a batch is listed in "
        + "rejected; the others are accepted. Values that cannot be read are left out of an accepted event and counted in segments_events_ignored_total; a customer "
        + "keeps 300 traits with names of 255 and values of 8,192 bytes, 65,536 together, and those set longest ago go first. docs/events.md has the rules. Web pages of any origin may send. Every path also matches with a slash at its end, and the paths under /v1 by the first letter of their name (/v1/b, /v1/t).";

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
            ["previousId"] = Of(JsonSchemaType.String | JsonSchemaType.Number),
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
