using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;

namespace OrleansSegments.Client;

/// <summary>Sends one batch after another and keeps the account of what became of the events.</summary>
internal sealed class BatchSender(SegmentsClientOptions options, ApiCaller api)
{
    private static readonly Uri Target = new("v1/batch", UriKind.Relative);

    private readonly Lock _gate = new();
    private List<UnsentEvent> _unsent = [];
    private long _accepted;
    private long _duplicates;
    private long _notTaken;

    /// <summary>The account since the last report.</summary>
    public SendReport TakeReport()
    {
        lock (_gate)
        {
            var report = new SendReport(_accepted, _duplicates, _notTaken, _unsent);
            (_accepted, _duplicates, _notTaken, _unsent) = (0, 0, 0, []);
            return report;
        }
    }

    /// <summary>Sends a batch until it is answered or given up. Never throws.</summary>
    /// <param name="giveUp">Cancelled when the time for closing is over.</param>
    public async Task SendAsync(List<byte[]> batch, CancellationToken giveUp)
    {
        if (batch.Count == 0)
        {
            return;
        }

        try
        {
            giveUp.ThrowIfCancellationRequested();
            byte[] body = Compress(batch);
            Note(batch, await api.AskAsync(() => Request(body), options.WriteKey, options.RetryFor, ClientJson.Default.BatchAnswer, giveUp).ConfigureAwait(false));
        }
        catch (SegmentsException refused) when (refused.Status == HttpStatusCode.RequestEntityTooLarge && batch.Count > 1)
        {
            // The API has lower limits than the options say.
            int half = batch.Count / 2;
            await SendAsync(batch[..half], giveUp).ConfigureAwait(false);
            await SendAsync(batch[half..], giveUp).ConfigureAwait(false);
        }
        catch (SegmentsException refused)
        {
            GiveUp([.. batch.Select(json => new UnsentEvent(json, refused.Code, refused.Message))]);
        }
        catch (Exception problem)
        {
            string reason = giveUp.IsCancellationRequested ? "The client was closed before the API took the event. Send it again with the same messageId." : problem.Message;
            GiveUp([.. batch.Select(json => new UnsentEvent(json, "not_sent", reason))]);
        }
    }

    private void Note(List<byte[]> batch, BatchAnswer answer)
    {
        lock (_gate)
        {
            _accepted += answer.Accepted;
            _duplicates += answer.Duplicates;
        }

        if (answer.Rejected.Length > 0)
        {
            GiveUp([.. answer.Rejected.Select(rejected => new UnsentEvent(batch[rejected.Index], rejected.Code, rejected.Message))]);
        }
    }

    private void GiveUp(List<UnsentEvent> events)
    {
        lock (_gate)
        {
            // Whoever never asks for a report must not run out of memory. What is left when a client closes has room: the queue, a batch, an event between them.
            _notTaken += events.Count;
            _unsent.AddRange(events.Take(Math.Max(0, options.QueueEventsMax + options.BatchEventsMax + 1 - _unsent.Count)));
        }

        options.OnUnsent?.Invoke(events);
    }

    private static HttpRequestMessage Request(byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.ContentEncoding.Add("gzip");
        return new HttpRequestMessage(HttpMethod.Post, Target) { Content = content };
    }

    /// <summary>No sentAt: the API would take a batch that is sent again later for one of a clock that is wrong.</summary>
    private static byte[] Compress(List<byte[]> batch)
    {
        using var compressed = new MemoryStream();
        using (var zip = new GZipStream(compressed, CompressionLevel.Fastest))
        {
            zip.Write("{\"batch\":["u8);
            for (int index = 0; index < batch.Count; index++)
            {
                zip.Write(index == 0 ? [] : ","u8);
                zip.Write(batch[index]);
            }

            zip.Write("]}"u8);
        }

        return compressed.ToArray();
    }
}
