using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orleans;
using OrleansSegments.ClientApi.Json;
using OrleansSegments.ClientApi.Keys;
using OrleansSegments.ClientApi.OpenApi;
using OrleansSegments.Contracts.Bus;
using OrleansSegments.Contracts.Segments;

namespace OrleansSegments.ClientApi.Bus;

/// <summary>The state of the message bus.</summary>
internal static class BusEndpoint
{
    public static RouteGroupBuilder MapBus(this RouteGroupBuilder v1)
    {
        v1.MapGet("admin/bus", ReadAsync).RequireKey(KeyRights.Admin).WithTags("Admin")
            .WithName("bus").WithSummary("Whether a message bus is connected, and how far changes are published")
            .Produces<BusAnswer>().ProducesErrors(401, 403, 429, 503);
        return v1;
    }

    private static async Task<IResult> ReadAsync(IGrainFactory grains) => Results.Json(await BusAnswer.ReadAsync(grains), BusJson.Default.BusAnswer);
}

/// <summary>The state of the message bus.</summary>
/// <param name="Broker">Its address without credentials; null without a bus.</param>
/// <param name="Queue">The queue from which events are taken; null without a bus.</param>
/// <param name="PublishedTo">The sequence of the change up to which everything is published; 0 without a bus.</param>
/// <param name="Lag">By how much the log's last sequence is ahead of it.</param>
/// <param name="Problem">Why the last attempt to publish failed; null when it succeeded.</param>
internal sealed record BusAnswer(bool On, string? Broker, string? Queue, long PublishedTo, long Lag, string? Problem)
{
    public static async Task<BusAnswer> ReadAsync(IGrainFactory grains)
    {
        var view = await grains.GetGrain<IChangePublisher>(0).View();
        var last = view.IsOn ? (await grains.GetGrain<ISegmentCensus>(0).Take(withStatistics: false)).Sequence : 0;
        return new BusAnswer(view.IsOn, view.Broker, view.Queue, view.Sequence, Math.Max(0, last - view.Sequence), view.Problem);
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, Converters = [typeof(FiniteDoubleConverter)])]
[JsonSerializable(typeof(BusAnswer))]
internal sealed partial class BusJson : JsonSerializerContext;
