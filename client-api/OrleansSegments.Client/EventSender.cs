using System.Text.Json;
using System.Threading.Channels;

namespace OrleansSegments.Client;

/// <summary>
/// Sends events in batches, in the background and in order. A batch is sent until the API has answered that it is durable: after a lost answer, a restart or a
/// refusal for overload it goes out again whole, and the message ids make sure that nothing counts twice. The queue is bounded. Thread-safe.
/// </summary>
public sealed class EventSender : IAsyncDisposable
{
    private readonly SegmentsClientOptions _options;
    private readonly Channel<object> _queue;
    private readonly BatchSender _batches;
    private readonly CancellationTokenSource _giveUp = new();
    private readonly Task _sending;

    internal EventSender(SegmentsClientOptions options, ApiCaller api)
    {
        _options = options;
        _queue = Channel.CreateBounded<object>(options.QueueEventsMax);
        _batches = new BatchSender(options, api);
        _sending = Task.Run(SendAllAsync);
    }

    /// <summary>Queues an event; waits while the queue is full. It is durable once <see cref="FlushAsync"/> reports it.</summary>
    /// <exception cref="ChannelClosedException">Thrown when the sender is disposed.</exception>
    public ValueTask SendAsync(SegmentsEvent sent, CancellationToken cancellationToken = default) => _queue.Writer.WriteAsync(JsonOf(sent), cancellationToken);

    /// <summary>Queues an event; false when the queue is full or the sender disposed, and then the event is the caller's.</summary>
    public bool TrySend(SegmentsEvent sent) => _queue.Writer.TryWrite(JsonOf(sent));

    /// <summary>Sends at once what was queued before the call, waits for the answers, and reports on everything since the last report.</summary>
    /// <exception cref="ChannelClosedException">Thrown when the sender is disposed.</exception>
    public async Task<SendReport> FlushAsync(CancellationToken cancellationToken = default)
    {
        var marker = new TaskCompletionSource<SendReport>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _queue.Writer.WriteAsync(marker, cancellationToken).ConfigureAwait(false);
        return await marker.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes no more events, sends what waits for up to <see cref="SegmentsClientOptions.CloseTimeout"/>, and reports on everything since the last report.</summary>
    public async Task<SendReport> CloseAsync()
    {
        _queue.Writer.TryComplete();
        using var patience = new CancellationTokenSource(_options.CloseTimeout, _options.Time);
        using (patience.Token.Register(_giveUp.Cancel))
        {
            await _sending.ConfigureAwait(false);
        }

        return _batches.TakeReport();
    }

    /// <summary><see cref="CloseAsync"/>; what could not be sent is told by <see cref="SegmentsClientOptions.OnUnsent"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        _giveUp.Dispose();
    }

    private byte[] JsonOf(SegmentsEvent sent) =>
        JsonSerializer.SerializeToUtf8Bytes(sent with { Timestamp = sent.Timestamp ?? _options.Time.GetUtcNow() }, ClientJson.Default.SegmentsEvent);

    private async Task SendAllAsync()
    {
        var batch = new List<byte[]>();
        byte[]? next = null;
        while (next is not null || await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            (next, TaskCompletionSource<SendReport>? marker) = await CollectAsync(batch, next).ConfigureAwait(false);
            await _batches.SendAsync(batch, _giveUp.Token).ConfigureAwait(false);
            batch.Clear();
            marker?.SetResult(_batches.TakeReport());
        }
    }

    /// <summary>Fills a batch until it is full, its first event has waited long enough, or somebody flushes.</summary>
    /// <returns>An event that did not fit any more, and the marker of the flush.</returns>
    private async Task<(byte[]? Next, TaskCompletionSource<SendReport>? Marker)> CollectAsync(List<byte[]> batch, byte[]? first)
    {
        using var interval = new CancellationTokenSource(_options.FlushInterval, _options.Time);
        long bytes = Add(batch, first);
        while (batch.Count < _options.BatchEventsMax)
        {
            if (!_queue.Reader.TryRead(out object? item))
            {
                if (!await ComesMoreAsync(interval.Token).ConfigureAwait(false))
                {
                    return default;
                }

                continue;
            }

            if (item is TaskCompletionSource<SendReport> marker)
            {
                return (null, marker);
            }

            var json = (byte[])item;
            if (batch.Count > 0 && bytes + json.Length > _options.BatchBytesMax)
            {
                return (json, null);
            }

            bytes += Add(batch, json);
        }

        return default;
    }

    private async ValueTask<bool> ComesMoreAsync(CancellationToken interval)
    {
        try
        {
            return await _queue.Reader.WaitToReadAsync(interval).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static int Add(List<byte[]> batch, byte[]? json)
    {
        if (json is null)
        {
            return 0;
        }

        batch.Add(json);
        return json.Length;
    }
}
