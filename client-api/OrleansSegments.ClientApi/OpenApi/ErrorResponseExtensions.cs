using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
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
