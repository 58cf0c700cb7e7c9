using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using OrleansSegments.ClientApi.Json;
using OrleansSegments.Contracts.Changes;

namespace OrleansSegments.ClientApi.Changes;

/// <summary>Writes transitions in the text/event-stream format; each write is flushed, which is where a slow reader is waited for.</summary>
internal sealed class ServerSentEvents(HttpResponse response)
{
    /// <summary>Tells browsers to come back after 2 s.</summary>
    private static readonly byte[] Opening = "retry: 2000\n\n"u8.ToArray();

    private static readonly byte[] Heartbeat = ": heartbeat\n\n"u8.ToArray();

    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        response.ContentType = "text/event-stream";
        response.Headers[HeaderNames.CacheControl] = "no-cache";
        response.Headers["X-Accel-Buffering"] = "no";
        await response.Body.WriteAsync(Opening, cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }

    /// <summary>An empty page is written as a heartbeat.</summary>
    public async Task WriteAsync(TransitionView[] page, CancellationToken cancellationToken)
    {
        var bytes = page.Length == 0 ? Heartbeat : Format(page);
        await response.Body.WriteAsync(bytes, cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }

    private static byte[] Format(TransitionView[] page)
    {
        var text = new StringBuilder();
        foreach (var transition in page)
        {
            var data = JsonSerializer.Serialize(transition, ClientApiJson.Default.TransitionView);
            text.Append($"id: {transition.Sequence}\nevent: transition\ndata: {data}\n\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
