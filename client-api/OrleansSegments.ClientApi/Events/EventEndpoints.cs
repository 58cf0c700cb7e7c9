using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrleansSegments.ClientApi.Hosting;
using OrleansSegments.ClientApi.Keys;
using OrleansSegments.ClientApi.OpenApi;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.ClientApi.Events;

/// <summary>
/// The ways in for events, as Segment's clients word them: batches, single calls and the browser's one-letter paths. The media type is
/// never looked at, because real clients send text/plain, form data or none; a trailing slash matches too.
/// </summary>
internal static class EventEndpoints
{
    private static readonly (string Path, EventKind? Kind)[] Paths =
    [
        ("batch", null), ("import", null), ("b", null),
        ("track", EventKind.Track), ("t", EventKind.Track),
        ("identify", EventKind.Identify), ("i", EventKind.Identify),
        ("page", EventKind.Page), ("p", EventKind.Page),
        ("screen", EventKind.Screen), ("s", EventKind.Screen),
        ("group", EventKind.Group), ("g", EventKind.Group),
        ("alias", EventKind.Alias), ("a", EventKind.Alias),
    ];

    public static RouteGroupBuilder MapEvents(this RouteGroupBuilder v1)
    {
        var bytesMax = ((IEndpointRouteBuilder)v1).ServiceProvider.GetRequiredService<IOptions<ClientApiOptions>>().Value.RequestBytesMax;
        foreach (var (path, kind) in Paths)
        {
            var endpoint = v1.MapPost(path, (HttpContext context, EventIntake intake) => intake.TakeAsync(context, kind))
                .WithMetadata(new DemandedRights(KeyRights.Write), new RequestSizeLimitAttribute(bytesMax))
                .RequireRateLimiting(ConcurrencyLimits.Ingestion)
                .WithTags("Events")
                .WithName($"events-{path}")
                .WithSummary(kind is null ? "Takes a batch of events" : $"Takes one {path} event")
                .WithDescription(IngestionDescription.Text)
                .Produces<IngestionAnswer>()
                .ProducesErrors(400, 401, 403, 413, 429, 503)
                .AddOpenApiOperationTransformer((operation, _, _) => IngestionDescription.DescribeBody(operation, kind));
            if (path.Length == 1)
            {
                endpoint.ExcludeFromDescription();
            }
        }

        return v1;
    }
}
