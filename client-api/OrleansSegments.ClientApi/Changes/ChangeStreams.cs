using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Net.Http.Headers;
using Orleans;
using Orleans.Runtime;
using OrleansSegments.ClientApi.Clocks;
using OrleansSegments.ClientApi.Metrics;
using OrleansSegments.ClientApi.Queries;
using OrleansSegments.Contracts.Changes;

namespace OrleansSegments.ClientApi.Changes;

/// <summary>
/// Writes the transition log to open connections. Each connection buffers at most one page, so a slow reader delays only its own stream and
/// costs no memory; one that stands still is cut off. Streams end when the host stops; their readers reconnect with Last-Event-ID.
/// </summary>
internal sealed class ChangeStreams(IGrainFactory grains, IHostApplicationLifetime lifetime, ClientApiMetrics metrics, StoreClock clock)
{
    /// <summary>The longest silence on a stream: shorter than proxies keep a silent connection (60 s) and than a grain call may take (30 s).</summary>
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(10);

    public async Task StreamAsync(HttpContext context, long afterSequence, ChangeFilter filter)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        var writer = new ServerSentEvents(context, clock.Real);
        metrics.ChangeStreams.Add(1);
        try
        {
            await writer.OpenAsync(afterSequence, end.Token);
            while (!end.IsCancellationRequested)
            {
                // The grain's long poll lasts HeartbeatInterval, so an empty page means: send a heartbeat.
                var page = await grains.GetGrain<IChangeFeed>(0)
                    .Read(afterSequence, QueryParameters.PageSizeMax, HeartbeatInterval).WaitAsync(end.Token);
                afterSequence = page is [.., var last] ? last.Sequence : afterSequence;
                await writer.WriteAsync(filter.Of(page), afterSequence, end.Token);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The client disconnected or the host is stopping: a normal end of the stream.
        }
        catch (SlowReaderException)
        {
            // The connection is closed; the client resumes after the last event that it has read.
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
internal sealed class ServerSentEvents(HttpContext context, TimeProvider time)
{
    private static readonly byte[] Heartbeat = ": heartbeat\n\n"u8.ToArray();

    private long _sentId;

    /// <summary>Tells browsers to reconnect after 2 s, and where the stream starts: a client that loses the connection before the first event resumes there.</summary>
    public async Task OpenAsync(long afterSequence, CancellationToken cancellationToken)
    {
        _sentId = afterSequence;
        context.AllowSlowReader();
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers[HeaderNames.CacheControl] = "no-cache";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        await context.SendAsync(Encoding.UTF8.GetBytes("retry: 2000\n" + Position(afterSequence)), time, cancellationToken);
    }

    /// <summary>Nothing new is written as a heartbeat.</summary>
    /// <param name="readUpTo">How far the log was read. Where that is beyond the last transition, an event of another kind says so.</param>
    public async Task WriteAsync(TransitionView[] transitions, long readUpTo, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        foreach (var transition in transitions)
        {
            var data = JsonSerializer.Serialize(transition, ChangesJson.Default.TransitionView);
            text.Append($"id: {transition.Sequence}\nevent: transition\ndata: {data}\n\n");
            _sentId = transition.Sequence;
        }

        if (_sentId != readUpTo)
        {
            text.Append(Position(readUpTo));
            _sentId = readUpTo;
        }

        await context.SendAsync(text.Length == 0 ? Heartbeat : Encoding.UTF8.GetBytes(text.ToString()), time, cancellationToken);
    }

    /// <summary>An event, not a bare id: with a bare one, clients could not tell an event that broke off behind its id from one that arrived.</summary>
    private static string Position(long sequence) => $"id: {sequence}\nevent: position\ndata: {{\"sequence\":{sequence}}}\n\n";
}
