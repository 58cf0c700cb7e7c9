using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using OrleansSegments.ClientApi.Json;

namespace OrleansSegments.ClientApi.Errors;

/// <summary>A refusal of a whole request.</summary>
/// <param name="Code">snake_case and stable: programs branch on it.</param>
/// <param name="Message">What, the value, the rule and the cure.</param>
/// <param name="RetryAfterSeconds">Whole seconds after which the same request may succeed; null when it never will.</param>
internal sealed record ApiError(int Status, string Code, string Message, int? RetryAfterSeconds = null)
{
    public static ApiError BadRequest(string code, string message) => new(StatusCodes.Status400BadRequest, code, message);

    public static ApiError NotFound(string message) => new(StatusCodes.Status404NotFound, "not_found", message);

    public IResult ToResult() => new ApiErrorResult(this);
}

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
        return response.WriteAsJsonAsync(answer, ErrorsJson.Default.ErrorAnswer);
    }
}

/// <summary>
/// The one shape of errors. Queries promise <c>error.code</c> and <c>error.message</c>; clients that send events look for
/// <c>code</c>, <c>message</c> and <c>error</c> at the top (Python's fails without them), so both are always there.
/// </summary>
internal sealed record ErrorAnswer(bool Success, string Code, string Message, ErrorDetail Error);

internal sealed record ErrorDetail(string Code, string Message);

/// <summary>Refusals that pass: too much waiting, or the store cannot write.</summary>
internal static class ServiceErrors
{
    /// <summary>What Retry-After says: a silo works off what waits in about a second, and clients wait longer by themselves when they are refused again.</summary>
    private const int RetryAfterSeconds = 1;

    public static ApiError Unavailable { get; } = new(
        StatusCodes.Status503ServiceUnavailable,
        "unavailable",
        "The store or a grain did not answer; nothing is acknowledged. Send the same request again after Retry-After seconds.",
        RetryAfterSeconds);

    public static ApiError Overloaded(string what) => new(
        StatusCodes.Status429TooManyRequests, "overloaded", $"{what} Send the same request again after Retry-After seconds.", RetryAfterSeconds);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, Converters = [typeof(FiniteDoubleConverter)])]
[JsonSerializable(typeof(ErrorAnswer))]
internal sealed partial class ErrorsJson : JsonSerializerContext;
