using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.OpenApi;
using OrleansSegments.ClientApi.Errors;

namespace OrleansSegments.ClientApi.OpenApi;

/// <summary>Says in the OpenAPI document which errors an endpoint answers.</summary>
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
/// Numbers arrive as text, so that a bad one is answered in our words; the document says what they are.
/// </summary>
internal static class QueryParameterTypes
{
    private static readonly Dictionary<string, (string Minimum, string Description)> Numbers = new()
    {
        ["limit"] = ("1", "Items at most; above the server's maximum it is read as the maximum."),
        ["after"] = ("0", "The sequence of the last change that was seen."),
        ["version"] = ("0", "A model's version."),
    };

    public static Task Describe(OpenApiOperation operation)
    {
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
        {
            if (parameter.Name is not null && Numbers.TryGetValue(parameter.Name, out var number))
            {
                parameter.Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64", Minimum = number.Minimum };
                parameter.Description = number.Description;
            }
        }

        return Task.CompletedTask;
    }
}
