using Microsoft.OpenApi;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.ClientApi.Events;

/// <summary>What the OpenAPI document says of the ways in; the body is described by hand because no media type is bound.</summary>
internal static class IngestionDescription
{
    public const string Text =
        "Answers 200 only when the effect of every accepted event is durable. Sending the same request again within 24 hours, any number of times, "
        + "changes nothing: events are told apart by messageId. An event without messageId gets one from its own bytes (sha256- and 32 hexadecimal digits), so "
        + "two such events with identical bytes count as one. Times are corrected for the client's clock: receivedAt - (sentAt - timestamp). A store that "
        + "lives at the time of replayed history refuses events of the present with outside_replayed_time; it never gives them another date. The "
        + "body may be gzip; the media type is ignored. The key may also be sent as writeKey in the body. A bad event in a batch is listed in "
        + "rejected and does not cost the others.";

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
