using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace OrleansSegments.ClientApi.Errors;

/// <summary>Gives the answers that routing makes by itself, for an address or a method that there is not, the shape of all other errors.</summary>
internal static class UnmatchedRequests
{
    public static void AnswerUnmatchedRequests(this IApplicationBuilder app) => app.UseStatusCodePages(context =>
        ErrorOf(context.HttpContext) is { } error ? error.ToResult().ExecuteAsync(context.HttpContext) : Task.CompletedTask);

    private static ApiError? ErrorOf(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => ApiError.NotFound(
            $"There is no {context.Request.Method} {context.Request.Path}; /openapi/v1.json lists what there is."),
        StatusCodes.Status405MethodNotAllowed => new ApiError(
            StatusCodes.Status405MethodNotAllowed,
            "method_not_allowed",
            $"{context.Request.Path} does not take {context.Request.Method}; it takes {context.Response.Headers.Allow}. /openapi/v1.json says what for."),
        _ => null,
    };
}
