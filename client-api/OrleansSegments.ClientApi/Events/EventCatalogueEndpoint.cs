using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orleans;
using OrleansSegments.ClientApi.Json;
using OrleansSegments.ClientApi.Keys;
using OrleansSegments.ClientApi.OpenApi;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.ClientApi.Events;

/// <summary>What arrives, and what of it has no effect.</summary>
internal static class EventCatalogueEndpoint
{
    public static RouteGroupBuilder MapEventCatalogue(this RouteGroupBuilder v1)
    {
        v1.MapGroup("").RequireKey(KeyRights.Read).WithTags("Events").MapGet("events/catalogue", ReadAsync)
            .WithName("events-catalogue").WithSummary("Events seen by name, their properties, and what was left out by reason")
            .WithDescription(
                "Counts of all silos, about a second old, repeats included; most frequent first. At most 1,000 names with 100 properties each: beyondNames and beyondProperties "
                + "count what found no room. Properties are looked at in one event of 16, so a rare one may be missing. ignored says which values and traits have no effect, and why.")
            .Produces<EventCatalogueAnswer>().ProducesErrors(401, 403, 429, 503);
        return v1;
    }

    private static async Task<IResult> ReadAsync(IGrainFactory grains)
    {
        var seen = await grains.GetGrain<IEventCatalogueGrain>(0).View();
        var answer = new EventCatalogueAnswer(
            [.. seen.Events.OrderByDescending(x => x.Count).ThenBy(x => x.Name, StringComparer.Ordinal)
                .Select(x => x with { Properties = [.. x.Properties.OrderBy(property => property.Name, StringComparer.Ordinal)] })],
            [.. seen.Ignored.OrderByDescending(x => x.LastAt).ThenByDescending(x => x.Count)],
            seen.BeyondNames);
        return Results.Json(answer, EventCatalogueJson.Default.EventCatalogueAnswer);
    }
}

/// <summary>The answer of GET /v1/events/catalogue.</summary>
/// <param name="Ignored">Newest first.</param>
internal sealed record EventCatalogueAnswer(SeenEvent[] Events, IgnoredValue[] Ignored, long BeyondNames);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, Converters = [typeof(FiniteDoubleConverter)])]
[JsonSerializable(typeof(EventCatalogueAnswer))]
internal sealed partial class EventCatalogueJson : JsonSerializerContext;
