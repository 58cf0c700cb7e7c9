using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrleansSegments.ClientApi.Keys;
using OrleansSegments.ClientApi.OpenApi;
using OrleansSegments.ClientApi.Settings;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.ClientApi.Events;

/// <summary>
/// The ingestion endpoints of Segment's HTTP API, with the one-letter paths of browser clients and the paths of Jitsu's: batches and single
/// calls. The media type is ignored, because real clients send text/plain, form data or none; a trailing slash matches too.
/// </summary>
internal static class EventEndpoints
{
    private const string Segment = "/v1/", Jitsu = "/api/s/", JitsuServer = "/api/s/s2s/";

    private static readonly (string Path, EventKind? Kind)[] Names =
    [
        ("batch", null),
        ("track", EventKind.Track), ("identify", EventKind.Identify), ("page", EventKind.Page), ("screen", EventKind.Screen),
        ("group", EventKind.Group), ("alias", EventKind.Alias),
    ];

    private static readonly (string Path, EventKind? Kind)[] Paths =
    [
        .. Names.Select(name => (Segment + name.Path, name.Kind)),
        .. Names.Select(name => (Segment + name.Path[..1], name.Kind)).DistinctBy(letter => letter.Item1),
        (Segment + "import", null),
        .. Names.Where(name => name.Kind is not null).Select(name => (Jitsu + name.Path, name.Kind)),
        .. Names.Select(name => (JitsuServer + name.Path, name.Kind)),
    ];

    public static RouteGroupBuilder MapEvents(this RouteGroupBuilder api)
    {
        var bytesMax = ((IEndpointRouteBuilder)api).ServiceProvider.GetRequiredService<IOptions<ClientApiOptions>>().Value.RequestBytesMax;
        foreach (var (path, kind) in Paths)
        {
            var endpoint = api.MapPost(path, (HttpContext context, EventIntake intake) => intake.TakeAsync(context, kind))
                .WithMetadata(new DemandedRights(KeyRights.Write), new RequestSizeLimitAttribute(bytesMax))
                .RequireCors(Browsers.Policy)
                .WithTags("Events")
                .WithName("events" + path.Replace('/', '-'))
                .WithSummary(kind is null ? "Takes a batch of events" : $"Takes one {kind.Value.ToString().ToLowerInvariant()} event")
                .WithDescription(IngestionDescription.Text)
                .Produces<IngestionAnswer>()
                .ProducesErrors(400, 401, 403, 413, 415, 429, 503)
                .AddOpenApiOperationTransformer((operation, _, _) => IngestionDescription.DescribeBody(operation, kind));
            if (path.Length == Segment.Length + 1)
            {
                endpoint.ExcludeFromDescription();
            }
        }

        return api;
    }
}
