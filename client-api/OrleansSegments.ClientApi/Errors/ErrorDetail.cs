namespace OrleansSegments.ClientApi.Errors;

internal sealed record ErrorDetail(string Code, string Message);
