namespace OrleansSegments.ClientApi.Errors;

/// <summary>
/// The one shape of errors. Queries promise <c>error.code</c> and <c>error.message</c>; clients that send events look for
/// <c>code</c>, <c>message</c> and <c>error</c> at the top (Python's fails without them), so both are always there.
/// </summary>
internal sealed record ErrorAnswer(bool Success, string Code, string Message, ErrorDetail Error);
