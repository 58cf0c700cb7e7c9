using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Net.Http.Headers;
using Orleans;
using Orleans.Runtime;
using OrleansSegments.ClientApi.Metrics;
using OrleansSegments.ClientApi.Queries;
using OrleansSegments.Contracts.Changes;

namespace OrleansSegments.ClientApi.Changes;

/// <summary>
/// Writes the transition log to open connections. Each connection buffers at most one page, so a slow reader delays only its own stream and
/// costs no memory. Streams end when the host stops; their readers reconnect with Last-Event-ID.
/// </summary>
internal sealed class ChangeStreams(IGrainFactory grains, IHostApplicationLifetime lifetime, ClientApiMetrics metrics)
{
    /// <summary>The longest silence on a stream: shorter than proxies keep a silent connection (60 s) and than a grain call may take (30 s).</summary>
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(10);

    public async Task StreamAsync(HttpContext context, long afterSequence)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        var writer = new ServerSentEvents(context.Response);
        metrics.ChangeStreams.Add(1);
        try
        {
            await writer.OpenAsync(end.Token);
            while (!end.IsCancellationRequested)
            {
                // The grain's long poll lasts HeartbeatInterval, so an empty page means: send a heartbeat.
                var page = await grains.GetGrain<IChangeFeed>(0)
                    .Read(afterSequence, QueryParameters.PageSizeMax, HeartbeatInterval).WaitAsync(end.Token);
                await writer.WriteAsync(page, end.Token);
                afterSequence = page is [.., var last] ? last.Sequence : afterSequence;
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The client disconnected or the host is stopping: a normal end of the stream.
        }
        catch (Exception exception) when (exception is TimeoutException or OrleansException or OperationCanceledException && context.Response.HasStarted)
        {
            // The status line is already sent. Ending the stream makes the client reconnect, as a 503 would.
        }
        finally
        {
            metrics.ChangeStreams.Add(-1);
        }
    }
}

/// <summary>
/// Writes transitions in the text/event-stream format. Every write is flushed; that is where a slow reader applies back-pressure.
/// </summary>
internal sealed class ServerSentEvents(HttpResponse response)
{
    /// <summary>Tells browsers to reconnect after 2 s.</summary>
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
            var data = JsonSerializer.Serialize(transition, ChangesJson.Default.TransitionView);
            text.Append($"id: {transition.Sequence}\nevent: transition\ndata: {data}\n\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
