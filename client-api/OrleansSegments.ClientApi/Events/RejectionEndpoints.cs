using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orleans;
using OrleansSegments.ClientApi.Json;
using OrleansSegments.ClientApi.Keys;
using OrleansSegments.ClientApi.OpenApi;
using OrleansSegments.ClientApi.Queries;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.ClientApi.Events;

/// <summary>The newest refused events, and their second chance.</summary>
internal static class RejectionEndpoints
{
    public static RouteGroupBuilder MapRejections(this RouteGroupBuilder v1)
    {
        var rejections = v1.MapGroup("rejections").RequireKey(KeyRights.Admin).WithTags("Events");
        rejections.MapGet("", ListAsync)
            .WithName("rejections").WithSummary("The newest refused events as received, newest first; with reason, those of one reason")
            .WithDescription("At most 500 of all silos, 20 of one request; an event is cut at 4,096 bytes. All are counted in segments_events_rejected_total.")
            .Produces<RejectionsAnswer>().ProducesErrors(400, 401, 403, 429, 503);
        rejections.MapPost("replay", ReplayAsync)
            .WithName("rejections-replay").WithSummary("Tries the refused events again; those that are taken leave the list")
            .WithDescription("An event without a timestamp happened when it was first received. The envelope's context and sentAt are not kept.")
            .Produces<ReplayAnswer>().ProducesErrors(401, 403, 429, 503);
        return v1;
    }

    private static async Task<IResult> ListAsync(string? reason, string? limit, IGrainFactory grains) =>
        QueryParameters.TryReadLimit(limit, out var count, out var error)
            ? Results.Json(new RejectionsAnswer(await grains.GetGrain<IRejectionsGrain>(0).List(reason, count)), RejectionsJson.Default.RejectionsAnswer)
            : error!.ToResult();

    private static async Task<IResult> ReplayAsync(RejectionLog log) => Results.Json(await log.ReplayAsync(), RejectionsJson.Default.ReplayAnswer);
}

/// <summary>The answer of GET /v1/rejections.</summary>
internal sealed record RejectionsAnswer(RejectedEvent[] Rejections);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true, Converters = [typeof(FiniteDoubleConverter)])]
[JsonSerializable(typeof(RejectionsAnswer))]
[JsonSerializable(typeof(ReplayAnswer))]
internal sealed partial class RejectionsJson : JsonSerializerContext;
