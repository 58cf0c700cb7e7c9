using Microsoft.AspNetCore.Http;

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
