using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using OrleansSegments.ClientApi.Json;

namespace OrleansSegments.ClientApi.Errors;

/// <summary>Writes an <see cref="ApiError"/> with the headers that clients steer by.</summary>
internal sealed class ApiErrorResult(ApiError error) : IResult
{
    private const string RateLimitReset = "X-RateLimit-Reset";

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = error.Status;
        if (error.RetryAfterSeconds is { } seconds)
        {
            response.Headers[HeaderNames.RetryAfter] = seconds.ToString();
            response.Headers[RateLimitReset] = seconds.ToString();
        }

        if (error.Status == StatusCodes.Status401Unauthorized)
        {
            // Not "Basic": browsers would put up a password dialog in the middle of somebody's shop.
            response.Headers.WWWAuthenticate = "Bearer";
        }

        var answer = new ErrorAnswer(false, error.Code, error.Message, new ErrorDetail(error.Code, error.Message));
        return response.WriteAsJsonAsync(answer, ClientApiJson.Default.ErrorAnswer);
    }
}
