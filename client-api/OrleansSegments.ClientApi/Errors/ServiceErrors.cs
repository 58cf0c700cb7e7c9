using Microsoft.AspNetCore.Http;
using OrleansSegments.ClientApi.Hosting;

namespace OrleansSegments.ClientApi.Errors;

/// <summary>Refusals that pass: too much waiting, or the store cannot write.</summary>
internal static class ServiceErrors
{
    public static ApiError Overloaded(ClientApiOptions options, string what) => new(
        StatusCodes.Status429TooManyRequests, "overloaded", $"{what} Send the same request again after Retry-After seconds.", RetryAfterSeconds(options));

    public static ApiError Unavailable(ClientApiOptions options) => new(
        StatusCodes.Status503ServiceUnavailable,
        "unavailable",
        "The store or a grain did not answer; nothing is acknowledged. Send the same request again after Retry-After seconds.",
        RetryAfterSeconds(options));

    private static int RetryAfterSeconds(ClientApiOptions options) => (int)Math.Ceiling(options.RetryAfter.TotalSeconds);
}
