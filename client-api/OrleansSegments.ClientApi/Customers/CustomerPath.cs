using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OrleansSegments.ClientApi.Errors;
using OrleansSegments.ClientApi.Queries;
using OrleansSegments.Contracts.Customers;

namespace OrleansSegments.ClientApi.Customers;

/// <summary>
/// Reads the customer id from the request line as it was sent. The server decodes everything in a path but %2F, so the route value
/// cannot tell the id "a/b" (sent a%2Fb) from the id "a%2Fb" (sent a%252Fb).
/// </summary>
internal static class CustomerPath
{
    private const string Prefix = "/v1/customers/";

    public static bool TryReadId(HttpContext context, string routeValue, out string id, out ApiError? error)
    {
        id = Sent(context.Features.Get<IHttpRequestFeature>()?.RawTarget) ?? routeValue;
        error = id.Length <= CustomerKey.CustomerIdLengthMax
            ? null
            : QueryNumbers.Invalid(
                "id",
                id,
                $"it has {id.Length} characters and {CustomerKey.CustomerIdLengthMax} is the limit",
                "send the userId or anonymousId of an event");
        return error is null;
    }

    private static string? Sent(string? rawTarget)
    {
        if (rawTarget is null || !rawTarget.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var rest = rawTarget[Prefix.Length..];
        var end = rest.AsSpan().IndexOfAny('/', '?');
        return Uri.UnescapeDataString(end < 0 ? rest : rest[..end]);
    }
}
