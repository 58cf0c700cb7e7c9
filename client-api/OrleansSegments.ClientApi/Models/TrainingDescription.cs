using Microsoft.OpenApi;

namespace OrleansSegments.ClientApi.Models;

/// <summary>What the OpenAPI document says of a training's body, which is read by hand because it may be absent.</summary>
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
