using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using OrleansSegments.Client;
using OrleansSegments.TestKit.Time;
using OrleansSegments.TestKit.Waiting;
using Xunit;

namespace OrleansSegments.UnitTests.Client;

public sealed class EventSenderTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly ScriptedApi _api;

    public EventSenderTests() => _api = new ScriptedApi(_time);

    public void Dispose() => _api.Dispose();

    [Fact]
    public async Task A_batch_is_sent_when_it_is_full_or_its_first_event_has_waited()
    {
        await using var client = NewClient(batchEvents: 3);
        await SendAsync(client, 3);
        await Condition.HoldsAsync("the full batch is sent", () => _api.Batches.Count == 1);

        await SendAsync(client, 2);
        await PassAsync("the rest is sent", () => _api.Batches.Count == 2);

        Assert.Equal([3, 2], _api.Batches.Select(batch => batch.Ids.Length));
        Assert.True(_api.Batches[1].At - _api.Batches[0].At >= TimeSpan.FromSeconds(1), "The rest did not wait for others.");
    }

    [Fact]
    public async Task A_flush_sends_what_waits_at_once_and_counts_it()
    {
        await using var client = NewClient(batchEvents: 100);
        await SendAsync(client, 7);
        var report = await Condition.EndsAsync("the flush", client.Events.FlushAsync());
        Assert.Equal((7, 0, 0), (report.Accepted, report.Duplicates, report.Unsent.Count));
        Assert.Equal(0, (await Condition.EndsAsync("the second flush", client.Events.FlushAsync())).Accepted);
    }

    [Fact]
    public async Task A_batch_has_no_more_bytes_than_the_limit_unless_one_event_alone_has()
    {
        await using var client = NewClient(batchEvents: 100, batchBytes: 1_000);
        await SendAsync(client, 20);
        await client.Events.SendAsync(SegmentsEvent.Track("ada", new string('x', 2_000)));
        await SendAsync(client, 1);
        await Condition.EndsAsync("the flush", client.Events.FlushAsync());

        Assert.Equal(22, _api.Batches.Sum(batch => batch.Ids.Length));
        Assert.Equal(22, _api.Batches.SelectMany(batch => batch.Ids).Distinct().Count());
        Assert.All(_api.Batches, batch => Assert.True(batch.Ids.Length == 1 || batch.Bytes <= 1_000 + batch.Ids.Length + """{"batch":[]}""".Length, $"{batch.Bytes} bytes"));
        Assert.Contains(_api.Batches, batch => batch.Ids.Length > 1);
    }

    [Fact]
    public async Task A_refused_batch_is_sent_again_whole_after_the_time_that_the_API_says()
    {
        _api.Answer = number => number > 1 ? null : new HttpResponseMessage(HttpStatusCode.TooManyRequests) { Headers = { RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(7)) } };
        await using var client = NewClient();
        await SendAsync(client, 2);
        await PassAsync("it is sent again", () => _api.Batches.Count == 2);

        Assert.Equal(_api.Batches[0].Ids, _api.Batches[1].Ids);
        Assert.True(_api.Batches[1].At - _api.Batches[0].At >= TimeSpan.FromSeconds(7), "It did not wait for seven seconds.");
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_as_good_as_none()
    {
        _api.Answer = number => number > 1 ? null : new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(new BrokenStream()) };
        await using var client = NewClient();
        await SendAsync(client, 2);
        var flush = client.Events.FlushAsync();
        await PassAsync("it is sent again", () => flush.IsCompleted);
        Assert.Equal((2, 0), ((await flush).Accepted, (await flush).Unsent.Count));
        Assert.Equal(2, _api.Batches.Count);
    }

    [Fact]
    public async Task A_batch_that_is_too_large_for_the_API_is_halved()
    {
        _api.Answer = _ => _api.Batches[^1].Ids.Length > 3 ? new HttpResponseMessage(HttpStatusCode.RequestEntityTooLarge) : null;
        await using var client = NewClient();
        await SendAsync(client, 10);
        var report = await Condition.EndsAsync("the flush", client.Events.FlushAsync());
        Assert.Equal((10, 0), (report.Accepted, report.Unsent.Count));
        Assert.Equal([10, 5, 2, 3, 5, 2, 3], _api.Batches.Select(batch => batch.Ids.Length));
    }

    [Fact]
    public async Task A_batch_is_given_up_after_the_time_for_repeats_and_the_next_one_is_sent()
    {
        _api.Answer = _ => new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
        var told = new List<UnsentEvent>();
        await using var client = NewClient(told: told);
        await SendAsync(client, 2);
        var flush = client.Events.FlushAsync();
        await PassAsync("it is given up", () => flush.IsCompleted);

        var report = await flush;
        Assert.Equal((0, 2), (report.Accepted, report.Unsent.Count));
        Assert.Equal(told, report.Unsent);
        Assert.True(_api.Batches.Count > 5, $"It was sent {_api.Batches.Count} times.");
        Assert.InRange(_api.Batches[^1].At - _api.Batches[0].At, TimeSpan.FromSeconds(49), TimeSpan.FromSeconds(60));
        _api.Answer = _ => null;
        await SendAsync(client, 1);
        Assert.Equal(1, (await Condition.EndsAsync("the flush", client.Events.FlushAsync())).Accepted);
    }

    [Fact]
    public async Task A_full_queue_takes_no_more_and_a_closed_client_tells_what_is_left()
    {
        _api.Gate = new TaskCompletionSource();
        var client = NewClient(batchEvents: 1, queueEvents: 2);
        await client.Events.SendAsync(Event());
        await Condition.HoldsAsync("the first is on its way", () => _api.Batches.Count == 1);
        Assert.True(client.Events.TrySend(Event()) && client.Events.TrySend(Event()));
        Assert.False(client.Events.TrySend(Event()));

        var closing = client.Events.CloseAsync();
        await PassAsync("the time for closing passes", () => closing.IsCompleted);

        Assert.Equal((0, 3, 3), ((await closing).Accepted, (await closing).NotTaken, (await closing).Unsent.Count));
        await client.DisposeAsync();
    }

    private static SegmentsEvent Event() => SegmentsEvent.Track("ada", "Order Completed", new JsonObject { ["revenue"] = 5 });

    private static async Task SendAsync(SegmentsClient client, int count)
    {
        for (var sent = 0; sent < count; sent++)
        {
            await client.Events.SendAsync(Event());
        }
    }

    /// <summary>Lets the clock run until something has happened.</summary>
    private Task PassAsync(string what, Func<bool> holds) => Condition.HoldsAsync(what, () =>
    {
        _time.Advance(TimeSpan.FromMilliseconds(250));
        return holds();
    });

    private SegmentsClient NewClient(int batchEvents = 100, int batchBytes = 100_000, int queueEvents = 1_000, List<UnsentEvent>? told = null) => new(
        new SegmentsClientOptions
        {
            Address = new Uri("http://api.example.org/shop"),
            WriteKey = "key",
            BatchEventsMax = batchEvents,
            BatchBytesMax = batchBytes,
            QueueEventsMax = queueEvents,
            RetryFor = TimeSpan.FromMinutes(1),
            OnUnsent = told is null ? null : told.AddRange,
            Time = _time,
        },
        _api);

    private sealed record Batch(string[] Ids, int Bytes, DateTimeOffset At);

    /// <summary>Accepts every event, unless the script says otherwise.</summary>
    private sealed class ScriptedApi(TimeProvider time) : HttpMessageHandler
    {
        private readonly List<Batch> _batches = [];

        /// <summary>The answer to a request by its number, from 1; null to accept it.</summary>
        public Func<int, HttpResponseMessage?> Answer { get; set; } = static _ => null;

        /// <summary>When set, requests wait for it.</summary>
        public TaskCompletionSource? Gate { get; set; }

        public IReadOnlyList<Batch> Batches
        {
            get
            {
                lock (_batches)
                {
                    return [.. _batches];
                }
            }
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.Equal("http://api.example.org/shop/v1/batch", request.RequestUri?.ToString());
            Assert.Equal("gzip", request.Content!.Headers.ContentEncoding.Single());
            await using var zip = new GZipStream(await request.Content.ReadAsStreamAsync(cancellationToken), CompressionMode.Decompress);
            using var body = new MemoryStream();
            await zip.CopyToAsync(body, cancellationToken);
            string[] ids = [.. JsonNode.Parse(body.ToArray())!["batch"]!.AsArray().Select(sent => (string)sent!["messageId"]!)];
            int number;
            lock (_batches)
            {
                _batches.Add(new Batch(ids, (int)body.Length, time.GetUtcNow()));
                number = _batches.Count;
            }

            await (Gate?.Task ?? Task.CompletedTask).WaitAsync(cancellationToken);
            return Answer(number) ?? new HttpResponseMessage(HttpStatusCode.OK)
            {
                Content = new StringContent($$"""{"success":true,"accepted":{{ids.Length}},"duplicates":0,"rejected":[]}"""),
            };
        }
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("The connection was reset.");
    }
}
