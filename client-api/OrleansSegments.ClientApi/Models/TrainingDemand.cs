using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.OpenApi;
using OrleansSegments.ClientApi.Errors;
using OrleansSegments.ClientApi.Queries;

namespace OrleansSegments.ClientApi.Models;

/// <summary>Reads the optional body of a training request; without a body all defaults apply.</summary>
internal static class TrainingDemandReader
{
    private const int BodyBytesMax = 4_096;

    public static async Task<(TrainingDemand? Demand, ApiError? Error)> ReadAsync(HttpContext context)
    {
        var body = await RequestBody.ReadAsync(context.Request, BodyBytesMax, mayHold: null, context.RequestAborted);
        if (body.Error is not null || body.Bytes.IsEmpty)
        {
            return (new TrainingDemand(), body.Error);
        }

        try
        {
            var demand = JsonSerializer.Deserialize(body.Bytes.Span, ModelsJson.Default.TrainingDemand) ?? new TrainingDemand();
            return demand.Segments is < TrainingDemand.SegmentsMin or > TrainingDemand.SegmentsMax
                ? (null, QueryParameters.Invalid(
                    "segments",
                    demand.Segments.Value.ToString(),
                    $"it must be {TrainingDemand.SegmentsMin} to {TrainingDemand.SegmentsMax}",
                    "leave it out to let the trainer choose"))
                : (demand, null);
        }
        catch (JsonException exception)
        {
            return (null, ApiError.BadRequest(
                "invalid_json",
                $"The body is not a valid training request: {exception.Message} "
                + "Send {\"segments\":8,\"replan\":false,\"force\":false}, any part of it, or nothing."));
        }
    }
}

/// <summary>The optional body of POST /v1/model/train.</summary>
/// <param name="Segments">Fixes the number of segments; when absent the trainer chooses.</param>
/// <param name="Replan">Chooses the number of segments again although a model is published.</param>
/// <param name="Force">Publishes even when a quality gate fails.</param>
internal sealed record TrainingDemand(int? Segments = null, bool Replan = false, bool Force = false)
{
    public const int SegmentsMin = 1;
    public const int SegmentsMax = 64;
}

/// <summary>The OpenAPI description of a training's body, which is parsed by hand because it is optional.</summary>
internal static class TrainingDescription
{
    public static Task DescribeBody(OpenApiOperation operation)
    {
        var schema = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["segments"] = new OpenApiSchema
                {
                    Type = JsonSchemaType.Integer,
                    Minimum = TrainingDemand.SegmentsMin.ToString(),
                    Maximum = TrainingDemand.SegmentsMax.ToString(),
                },
                ["replan"] = new OpenApiSchema { Type = JsonSchemaType.Boolean },
                ["force"] = new OpenApiSchema { Type = JsonSchemaType.Boolean },
            },
        };
        operation.RequestBody = new OpenApiRequestBody
        {
            Content = new Dictionary<string, OpenApiMediaType> { ["application/json"] = new() { Schema = schema } },
        };
        return Task.CompletedTask;
    }
}
