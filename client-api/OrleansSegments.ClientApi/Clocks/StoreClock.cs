using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.OpenApi;

namespace OrleansSegments.ClientApi.Clocks;

/// <summary>
/// The clock that the store runs on. Every answer names it, because timestamps of a replayed store cannot be told from present ones.
/// </summary>
/// <param name="Store">The clock that defines the store's current time.</param>
/// <param name="Real">The real clock; the same instance as <paramref name="Store"/> unless the store runs on a replayed clock.</param>
public sealed record StoreClock(TimeProvider Store, TimeProvider Real)
{
    public bool IsReplayed => Store != Real;

    /// <summary>The name used in answers: "replayed" or "system".</summary>
    public string Name => IsReplayed ? "replayed" : "system";

    /// <summary>The store's current time when it runs on a replayed clock; otherwise null.</summary>
    internal DateTimeOffset? ReplayedNow => IsReplayed ? Store.GetUtcNow() : null;
}

/// <summary>Adds the name of the store's clock to every answer and to the OpenAPI document.</summary>
internal static class StoreClockHeader
{
    public const string Name = "Store-Clock";

    public const string About =
        "The clock that the store runs on: system or replayed. A replayed clock starts where the imported history ended and runs on from there. The clock is named in the "
        + "header Store-Clock and in the field clock of answers. On a replayed clock, events of the present are refused with outside_replayed_time. "
        + "Start the store with ./segments up --system-clock to switch to the system clock.";

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
