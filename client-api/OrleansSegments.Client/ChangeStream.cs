using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace OrleansSegments.Client;

/// <summary>Which changes to follow; empty for all.</summary>
public sealed record ChangeFilter
{
    /// <summary>Changes from or to one of these segments.</summary>
    public IReadOnlyList<string> Segments { get; init; } = [];

    /// <summary>event, time, model, consent, erasure, merge.</summary>
    public IReadOnlyList<string> Causes { get; init; } = [];

    internal string Query => string.Join('&', [.. Segments.Select(static id => $"segment={Uri.EscapeDataString(id)}"), .. Causes.Select(static cause => $"cause={Uri.EscapeDataString(cause)}")]);
}

/// <summary>Reads the stream of changes and opens it again where it broke off. The server's ids say how far it has read, also where a filter leaves changes out.</summary>
internal sealed class ChangeStream(SegmentsClientOptions options, ApiCaller api, long? after, ChangeFilter filter)
{
    private const string Transition = "transition";

    private static readonly TimeSpan ReconnectAfter = TimeSpan.FromSeconds(2);

    private string? _lastId = after?.ToString(CultureInfo.InvariantCulture);

    public async IAsyncEnumerable<Change> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            using HttpResponseMessage answer = await api.OpenAsync(Request, options.ReadKey, cancellationToken).ConfigureAwait(false);
            using Stream content = new WatchedStream(await answer.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), options.Time);
            SseParser<Change?> parser = SseParser.Create(content, static (type, data) => type == Transition ? JsonSerializer.Deserialize(data, ClientJson.Default.Change) : null);
            await using IAsyncEnumerator<SseItem<Change?>> events = parser.EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (await MovesAsync(events, cancellationToken).ConfigureAwait(false))
            {
                // Of events that have arrived whole; the parser's own last id may be that of one that broke off.
                _lastId = events.Current.EventId ?? _lastId;
                if (events.Current.Data is { } change)
                {
                    yield return change;
                }
            }

            await Task.Delay(ReconnectAfter, options.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>False when the stream has ended or is broken.</summary>
    private static async Task<bool> MovesAsync(IAsyncEnumerator<SseItem<Change?>> events, CancellationToken cancellationToken)
    {
        try
        {
            return await events.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception lost) when (ApiCaller.IsLost(lost) && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private HttpRequestMessage Request()
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"v1/changes/stream?{filter.Query}", UriKind.Relative));
        if (_lastId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", _lastId);
        }

        return request;
    }

    /// <summary>A stream that counts as broken after a silence: the server says something every ten seconds.</summary>
    private sealed class WatchedStream(Stream inner, TimeProvider time) : Stream
    {
        private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(30);

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            using var silence = new CancellationTokenSource(SilenceMax, time);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
            return await inner.ReadAsync(buffer, end.Token).ConfigureAwait(false);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
