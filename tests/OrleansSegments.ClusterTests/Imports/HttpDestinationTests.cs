using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using OrleansSegments.LoadGenerator;
using OrleansSegments.Silo;
using OrleansSegments.Tools.Replay;
using Xunit;

namespace OrleansSegments.ClusterTests.Imports;

/// <summary>Sending a file to a running silo: what the answers lead to. The answers are those of a server that is made up.</summary>
public sealed class HttpDestinationTests
{
    private const string Taken = """{"success":true,"accepted":1,"duplicates":1,"rejected":[{"index":1,"code":"outside_replayed_time","message":"too late"}]}""";

    [Fact]
    public async Task A_batch_that_is_sent_back_is_sent_again_whole_after_the_wait_that_was_asked_for()
    {
        var server = new Answers((HttpStatusCode.TooManyRequests, "{}", 7), (HttpStatusCode.ServiceUnavailable, "{}", 20), (HttpStatusCode.OK, Taken, 0));
        var clock = new InstantClock();

        var receipt = await server.DeliverAsync(clock, Sample());

        Assert.Equal((1, 1, "outside_replayed_time"), (receipt.Accepted, receipt.Duplicates, receipt.Rejected.Single().Code));
        Assert.Equal(3, server.Bodies.Count);
        Assert.Single(server.Bodies.Distinct());
        Assert.Equal([TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(20)], clock.Waits);
    }

    [Fact]
    public async Task An_event_without_a_message_id_is_sent_with_one()
    {
        var server = new Answers((HttpStatusCode.OK, Taken, 0));
        var events = Sample();

        await server.DeliverAsync(new InstantClock(), events);

        var batch = JsonDocument.Parse(server.Bodies[0]).RootElement.GetProperty("batch");
        Assert.Equal(events.Select(replayed => replayed.Event.MessageId), batch.EnumerateArray().Select(sent => sent.GetProperty("messageId").GetString()));
        Assert.StartsWith("sha256-", events[1].Event.MessageId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_ends_the_import_with_what_the_server_said()
    {
        var error = await Assert.ThrowsAsync<CommandException>(() =>
            new Answers((HttpStatusCode.Unauthorized, """{"code":"unauthorized"}""", 0)).DeliverAsync(new InstantClock(), Sample()));

        Assert.Contains("401", error.Message, StringComparison.Ordinal);
        Assert.Contains("unauthorized", error.Message, StringComparison.Ordinal);
        Assert.Contains("--key", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_stays_away_is_given_up()
    {
        var server = new Answers([.. Enumerable.Repeat((HttpStatusCode.ServiceUnavailable, "{}", 60), 20)]);

        var error = await Assert.ThrowsAsync<IOException>(() => server.DeliverAsync(new InstantClock(), Sample()));

        Assert.Contains("503", error.Message, StringComparison.Ordinal);
        Assert.InRange(server.Bodies.Count, 5, 8);
    }

    [Fact]
    public async Task A_single_event_that_is_too_large_is_reported_as_rejected()
    {
        var receipt = await new Answers((HttpStatusCode.RequestEntityTooLarge, "too large", 0)).DeliverAsync(new InstantClock(), Sample()[..1]);

        Assert.Equal("request_too_large", receipt.Rejected.Single().Code);
    }

    private static ReplayEvent[] Sample() =>
        [.. ImportSample.Read(
            "events-ndjson",
            """
            {"type":"track","event":"E","userId":"a","messageId":"m","timestamp":"2024-05-01T10:00:00Z"}
             {"type":"track","event":"E","userId":"a","timestamp":"2024-05-01T10:00:00Z"}
            """).Events];

    /// <summary>A server with these answers, one after the other.</summary>
    private sealed class Answers(params (HttpStatusCode Status, string Body, int RetryAfter)[] answers) : HttpMessageHandler
    {
        public List<string> Bodies { get; } = [];

        public Task<Contracts.Events.RouteReceipt> DeliverAsync(TimeProvider clock, ReplayEvent[] batch)
        {
            var client = new BatchClient(new HttpMessageInvoker(this), new Uri("http://silo.test"), "key", clock);
            return new HttpDestination(client, clock).DeliverAsync(batch, CancellationToken.None);
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var (status, body, retryAfter) = answers[Bodies.Count];
            Bodies.Add(await request.Content!.ReadAsStringAsync(cancellationToken));
            var answer = new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            answer.Headers.RetryAfter = retryAfter > 0 ? new RetryConditionHeaderValue(TimeSpan.FromSeconds(retryAfter)) : null;
            return answer;
        }
    }

    /// <summary>Time passes at once when somebody waits.</summary>
    private sealed class InstantClock : TimeProvider
    {
        private long _ticks = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).UtcTicks;

        public List<TimeSpan> Waits { get; } = [];

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => new(_ticks, TimeSpan.Zero);

        public override long GetTimestamp() => _ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Waits.Add(dueTime);
            _ticks += dueTime.Ticks;
            return base.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}
