using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Json;
using OrleansSegments.Contracts.Events;
using OrleansSegments.LoadGenerator;
using OrleansSegments.Silo;

namespace OrleansSegments.Tools.Replay;

/// <summary>Where a pipeline delivers its batches.</summary>
internal interface IEventDestination
{
    /// <summary>
    /// Delivers a batch, sending it again whole as often as needed: the message ids make that harmless. Throws when that does not help, or when
    /// <paramref name="ending"/> is cancelled.
    /// </summary>
    Task<RouteReceipt> DeliverAsync(ReplayEvent[] batch, CancellationToken ending);
}

/// <summary>The router of a silo in this process.</summary>
internal sealed class RouterDestination(IGrainFactory grains) : IEventDestination
{
    private const int AttemptsMax = 200;

    private static readonly TimeSpan RetryWait = TimeSpan.FromMilliseconds(50);

    private readonly IEventRouter _router = grains.GetGrain<IEventRouter>(0);

    public async Task<RouteReceipt> DeliverAsync(ReplayEvent[] batch, CancellationToken ending)
    {
        var events = new EventBatch(Array.ConvertAll(batch, replayed => replayed.Event));
        for (int attempt = 1; ; attempt++)
        {
            RouteReceipt receipt = await _router.Route(events);
            if (receipt.Status == RouteStatus.Durable)
            {
                return receipt;
            }

            if (attempt == AttemptsMax || ending.IsCancellationRequested)
            {
                throw new IOException($"a batch was sent back {attempt} times, the last time as {receipt.Status}. Look at the log for what the store says.");
            }

            await Task.Delay(RetryWait, CancellationToken.None);
        }
    }
}

/// <summary>The HTTP API of a running silo.</summary>
internal sealed class HttpDestination(BatchClient client, TimeProvider time) : IEventDestination
{
    /// <summary>A server that restarts or is overloaded for minutes is waited for; one that is gone ends the import.</summary>
    private static readonly TimeSpan PatienceMax = TimeSpan.FromMinutes(5);

    public async Task<RouteReceipt> DeliverAsync(ReplayEvent[] batch, CancellationToken ending)
    {
        ReadOnlyMemory<byte> body = Write(batch);
        long startedAt = time.GetTimestamp();
        for (int attempt = 1; ; attempt++)
        {
            BatchAnswer answer = await client.SendAsync(body, attempt, ending);
            switch (answer.Outcome)
            {
                case BatchOutcome.Accepted:
                    return Read(answer.Body);
                case BatchOutcome.Refused:
                    return Refusal(batch, answer);
                default:
                    if (time.GetElapsedTime(startedAt) > PatienceMax)
                    {
                        string last = answer.Status == 0 ? "there was no answer" : $"the answer was {(int)answer.Status}";
                        throw new IOException($"{client.Target} did not take a batch in {attempt} attempts; the last time {last}. Check the server, then import the file again: what it has is not counted twice.");
                    }

                    await Task.Delay(answer.Wait, time, ending);
                    break;
            }
        }
    }

    /// <summary>An event that is too large for the server is reported like one that it rejects; any other refusal ends the import.</summary>
    private RouteReceipt Refusal(ReplayEvent[] batch, BatchAnswer answer)
    {
        string said = Encoding.UTF8.GetString(answer.Body.Span);
        if (answer.Status == HttpStatusCode.RequestEntityTooLarge && batch.Length == 1)
        {
            return new RouteReceipt(RouteStatus.Durable, 0, 0, [new EventRejection(0, "request_too_large", said)]);
        }

        const int shownMax = 300;
        throw new CommandException($"{client.Target} answered {(int)answer.Status}: {said[..Math.Min(said.Length, shownMax)]} Check --url and --key, which must be a write or admin key.");
    }

    private static ReadOnlyMemory<byte> Write(ReplayEvent[] batch)
    {
        var body = new ArrayBufferWriter<byte>(batch.Sum(replayed => replayed.Json.Length + 64));
        body.Write("{\"batch\":["u8);
        for (int i = 0; i < batch.Length; i++)
        {
            body.Write(i == 0 ? ""u8 : ","u8);
            WriteEvent(body, batch[i]);
        }

        body.Write("]}"u8);
        return body.WrittenMemory;
    }

    /// <summary>An event without a message id is sent with the one that it would have in a file, so that it counts once however often it is sent.</summary>
    private static void WriteEvent(ArrayBufferWriter<byte> body, in ReplayEvent replayed)
    {
        ReadOnlySpan<byte> json = replayed.Json.Span;
        if (json.IndexOf(Encoding.UTF8.GetBytes(replayed.Event.MessageId)) < 0)
        {
            body.Write("{\"messageId\":"u8);
            body.Write(JsonSerializer.SerializeToUtf8Bytes(replayed.Event.MessageId));
            body.Write(","u8);
            json = json[(json.IndexOf((byte)'{') + 1)..];
        }

        body.Write(json);
    }

    private static RouteReceipt Read(ReadOnlyMemory<byte> body)
    {
        using JsonDocument json = JsonDocument.Parse(body);
        JsonElement answer = json.RootElement;
        EventRejection[] rejected = [.. answer.GetProperty("rejected").EnumerateArray().Select(rejection => new EventRejection(
            rejection.GetProperty("index").GetInt32(), rejection.GetProperty("code").GetString()!, rejection.GetProperty("message").GetString()!))];
        return new RouteReceipt(RouteStatus.Durable, answer.GetProperty("accepted").GetInt32(), answer.GetProperty("duplicates").GetInt32(), rejected);
    }
}
