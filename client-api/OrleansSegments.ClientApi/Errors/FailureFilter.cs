using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace OrleansSegments.ClientApi.Errors;

/// <summary>Turns what grains and the transport throw into answers; a caller never sees an empty body or a stack trace.</summary>
internal sealed class FailureFilter(ILogger<FailureFilter> logger) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (Exception exception) when (
            exception is OperationCanceledException or IOException && context.HttpContext.RequestAborted.IsCancellationRequested)
        {
            return Results.StatusCode(StatusCodes.Status499ClientClosedRequest);
        }
        catch (BadHttpRequestException exception)
        {
            return new ApiError(exception.StatusCode, "invalid_request", exception.Message).ToResult();
        }
        catch (LimitExceededException)
        {
            return ServiceErrors.Overloaded("Too many calls are waiting for a grain.").ToResult();
        }
        catch (Exception exception) when (exception is TimeoutException or OrleansException or OperationCanceledException)
        {
            logger.LogWarning(exception, "{Path} answered 503: the grains did not answer", context.HttpContext.Request.Path);
            return ServiceErrors.Unavailable.ToResult();
        }
        catch (IOException exception)
        {
            // The store logs its own outage; one more line per request would bury that.
            logger.LogDebug("{Path} answered 503: {Problem}", context.HttpContext.Request.Path, exception.Message);
            return ServiceErrors.Unavailable.ToResult();
        }
        catch (Exception exception)
        {
            logger.LogError(exception, "{Path} answered 500", context.HttpContext.Request.Path);
            return new ApiError(
                StatusCodes.Status500InternalServerError, "internal", "The request failed because of an error in the server; the server's log has the details.").ToResult();
        }
    }
}

/// <summary>Gives the answers that the framework itself makes (unknown path, unsupported method, malformed request) the same shape as all other errors.</summary>
internal static class UnmatchedRequests
{
    public static void AnswerUnmatchedRequests(this IApplicationBuilder app) => app.UseStatusCodePages(context =>
        ErrorOf(context.HttpContext) is { } error ? error.ToResult().ExecuteAsync(context.HttpContext) : Task.CompletedTask);

    private static ApiError? ErrorOf(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => ApiError.NotFound(
            $"There is no {context.Request.Method} {context.Request.Path}; /openapi/v1.json lists all endpoints."),
        StatusCodes.Status405MethodNotAllowed => new ApiError(
            StatusCodes.Status405MethodNotAllowed,
            "method_not_allowed",
            $"{context.Request.Path} does not accept {context.Request.Method}; it accepts {context.Response.Headers.Allow}. /openapi/v1.json describes both."),
        StatusCodes.Status499ClientClosedRequest => null,
        var status => new ApiError(
            status, "invalid_request", $"{context.Request.Method} {context.Request.Path} was answered with {status} {ReasonPhrases.GetReasonPhrase(status)}. /openapi/v1.json describes every request."),
    };
}
