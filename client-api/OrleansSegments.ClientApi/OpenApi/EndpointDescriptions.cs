using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.OpenApi;
using OrleansSegments.ClientApi.Errors;

namespace OrleansSegments.ClientApi.OpenApi;

/// <summary>Adds the error responses of an endpoint to the OpenAPI document.</summary>
internal static class ErrorResponseExtensions
{
    public static RouteHandlerBuilder ProducesErrors(this RouteHandlerBuilder builder, params int[] statuses)
    {
        foreach (var status in statuses)
        {
            builder.Produces<ErrorAnswer>(status);
        }

        return builder;
    }
}

/// <summary>
/// Numbers and times are bound as text so that a malformed one gets our error message; this restores their type in the document.
/// </summary>
internal static class QueryParameterTypes
{
    private static readonly Dictionary<string, (string Minimum, string Description)> Numbers = new()
    {
        ["limit"] = ("1", "Maximum number of items; values above the server's maximum are reduced to it."),
        ["after"] = ("0", "The sequence number of the last change seen."),
        ["version"] = ("0", "A model's version."),
        ["webhook-replay from"] = ("1", "The sequence of the first transition to send again."),
        ["customers"] = ("10", "Number of customers on the map; values above 5000 are reduced to it."),
    };

    private static readonly Dictionary<string, string> Times = new()
    {
        ["from"] = "The first instant, in ISO 8601.",
        ["to"] = "The instant after the last, in ISO 8601.",
    };

    public static Task Describe(OpenApiOperation operation)
    {
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
        {
            if (parameter.Name is not null && (Numbers.TryGetValue($"{operation.OperationId} {parameter.Name}", out var number) || Numbers.TryGetValue(parameter.Name, out number)))
            {
                parameter.Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64", Minimum = number.Minimum };
                parameter.Description = number.Description;
            }
            else if (parameter.Name is not null && Times.TryGetValue(parameter.Name, out var description))
            {
                parameter.Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" };
                parameter.Description = description;
            }
        }

        return Task.CompletedTask;
    }
}
