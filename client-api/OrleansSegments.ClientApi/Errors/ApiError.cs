using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using OrleansSegments.ClientApi.Json;

namespace OrleansSegments.ClientApi.Errors;

/// <summary>An error that refuses a whole request.</summary>
/// <param name="Code">snake_case and stable, so that programs can branch on it.</param>
/// <param name="Message">States what is wrong, the value, the rule and the cure.</param>
/// <param name="RetryAfterSeconds">Whole seconds after which the same request may succeed; null when it never will. Clients are told up to twice as much.</param>
internal sealed record ApiError(int Status, string Code, string Message, int? RetryAfterSeconds = null)
{
    public static ApiError BadRequest(string code, string message) => new(StatusCodes.Status400BadRequest, code, message);

    public static ApiError NotFound(string message) => new(StatusCodes.Status404NotFound, "not_found", message);

    public IResult ToResult() => new ApiErrorResult(this);
}

/// <summary>Writes an <see cref="ApiError"/>, including the headers that control retries.</summary>
internal sealed class ApiErrorResult(ApiError error) : IResult
{
    public const string RateLimitReset = "X-RateLimit-Reset";

    public ApiError Error => error;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = error.Status;
        if (error.RetryAfterSeconds is { } least)
        {
            // Spread by a hash of the request: clients that were turned away together would otherwise come back together.
            var seconds = least + (int)((uint)httpContext.TraceIdentifier.GetHashCode(StringComparison.Ordinal) % (least + 1));
            response.Headers[HeaderNames.RetryAfter] = seconds.ToString();
            response.Headers[RateLimitReset] = seconds.ToString();
        }

        if (error.Status == StatusCodes.Status401Unauthorized)
        {
            // Not "Basic": browsers would open a password dialog on the pages of the shop that sends the events.
            response.Headers.WWWAuthenticate = "Bearer";
        }

        var answer = new ErrorAnswer(false, error.Code, error.Message, new ErrorDetail(error.Code, error.Message));
        return response.WriteAsJsonAsync(answer, ErrorsJson.Default.ErrorAnswer);
    }
}

/// <summary>
/// The body of every error. Query clients read <c>error.code</c> and <c>error.message</c>; event clients read <c>code</c>, <c>message</c>
/// and <c>error</c> at the top level (Python's fails without them), so both are always present.
/// </summary>
internal sealed record ErrorAnswer(bool Success, string Code, string Message, ErrorDetail Error);

internal sealed record ErrorDetail(string Code, string Message);

/// <summary>Temporary refusals: too much is queued, or the store cannot write.</summary>
internal static class ServiceErrors
{
    /// <summary>What Retry-After says: a silo works off what waits in about a second, and clients wait longer by themselves when they are refused again.</summary>
    private const int RetryAfterSeconds = 1;

    public static ApiError Unavailable { get; } = new(
        StatusCodes.Status503ServiceUnavailable,
        "unavailable",
        "The store or a grain did not answer; nothing is acknowledged. Send the same request again after Retry-After seconds.",
        RetryAfterSeconds);

    public static ApiError NotServing(string code, string what) => new(
        StatusCodes.Status503ServiceUnavailable, code, $"{what} Nothing is acknowledged. Send the same request again after Retry-After seconds.", RetryAfterSeconds);

    public static ApiError Overloaded(string what, int retryAfterSeconds = RetryAfterSeconds) => TooMany("overloaded", what, retryAfterSeconds);

    public static ApiError TooMany(string code, string what, int retryAfterSeconds = RetryAfterSeconds) => new(
        StatusCodes.Status429TooManyRequests, code, $"{what} Send the same request again after Retry-After seconds.", retryAfterSeconds);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, Converters = [typeof(FiniteDoubleConverter)])]
[JsonSerializable(typeof(ErrorAnswer))]
internal sealed partial class ErrorsJson : JsonSerializerContext;
