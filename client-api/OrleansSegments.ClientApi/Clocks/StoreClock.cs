using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.OpenApi;

namespace OrleansSegments.ClientApi.Clocks;

/// <summary>By which clock the store lives. Every answer names it, because moments of replayed history look like the present to whoever reads only them.</summary>
/// <param name="Store">What the store takes for now.</param>
/// <param name="Real">The present; the same as <paramref name="Store"/> unless the store lives at the time of replayed history.</param>
public sealed record StoreClock(TimeProvider Store, TimeProvider Real)
{
    public bool IsReplayed => Store != Real;

    /// <summary>As answers name it.</summary>
    public string Name => IsReplayed ? "replayed" : "system";

    /// <summary>The store's now where it is not the present; null where it is.</summary>
    internal DateTimeOffset? ReplayedNow => IsReplayed ? Store.GetUtcNow() : null;
}

/// <summary>Names the store's clock in every answer of the API, and in what the OpenAPI document says of them.</summary>
internal static class StoreClockHeader
{
    public const string Name = "Store-Clock";

    public const string About =
        "The clock that the store lives by: system, or replayed. A replayed store stands where imported history ended, goes on from there, and says so in the "
        + "header Store-Clock and in the field clock of its answers; events of the present are refused with outside_replayed_time. "
        + "The option --system-clock of ./segments up brings it to the present.";

    public static void NameStoreClock(this RouteGroupBuilder group, StoreClock clock) => group.AddEndpointFilter((invocation, next) =>
    {
        invocation.HttpContext.Response.Headers[Name] = clock.Name;
        return next(invocation);
    });

    public static Task Describe(OpenApiOperation operation)
    {
        foreach (var response in operation.Responses?.Values.OfType<OpenApiResponse>() ?? [])
        {
            response.Headers ??= new Dictionary<string, IOpenApiHeader>();
            response.Headers[Name] = new OpenApiHeader
            {
                Description = "system or replayed; see the description of this API.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            };
        }

        return Task.CompletedTask;
    }
}
