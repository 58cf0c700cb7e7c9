using System.Collections.Frozen;
using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using OpenTelemetry;

namespace OrleansSegments.ClientApi.Metrics;

/// <summary>
/// Removes from the spans of requests what may tell of a person: paths and queries contain customers' ids, and browsers describe themselves. What
/// is not listed here is removed, so that a later version of the instrumentation adds nothing unseen.
/// </summary>
internal sealed class RequestSpans : BaseProcessor<Activity>
{
    private const string Route = "http.route";

    private static readonly FrozenSet<string> Kept = FrozenSet.Create(
        StringComparer.Ordinal,
        Route, "http.request.method", "http.response.status_code", "error.type", "network.protocol.version", "server.address", "server.port", "url.scheme");

    /// <summary>False for what is asked every few seconds and tells nothing.</summary>
    public static bool IsTraced(HttpContext context) => !context.Request.Path.StartsWithSegments("/health") && !context.Request.Path.StartsWithSegments("/metrics");

    public override void OnEnd(Activity data)
    {
        if (data.Kind != ActivityKind.Server)
        {
            return;
        }

        foreach (var (tag, _) in data.TagObjects.Where(tag => !Kept.Contains(tag.Key)).ToArray())
        {
            data.SetTag(tag, null);
        }

        // The route's template, for tools that look for a path; nothing for an address that does not exist.
        data.SetTag("url.path", data.GetTagItem(Route));
    }
}
