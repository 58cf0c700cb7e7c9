using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using OrleansSegments.ClientApi.Clocks;
using OrleansSegments.ClientApi.Hosting;
using OrleansSegments.ClientApi.Queries;
using OrleansSegments.TestKit.Time;
using OrleansSegments.TestKit.Waiting;
using Xunit;

namespace OrleansSegments.UnitTests.ClientApi;

public sealed class ChangeStreamTests
{
    [Fact]
    public async Task A_reader_that_reconnects_with_the_last_id_misses_nothing_whatever_the_query_says()
    {
        await using var host = await ApiHost.StartAsync();
        host.Feed.Append(4);
        using (var first = await OpenAsync(host, "/v1/changes/stream?after=0"))
        {
            Assert.Equal(["id: 1", "id: 2", "id: 3", "id: 4"], await first.IdsAsync(4));
        }

        host.Feed.Append(2);
        using var second = await OpenAsync(host, "/v1/changes/stream?after=0", lastEventId: "4");
        Assert.Equal(["id: 5", "id: 6"], await second.IdsAsync(2));
        host.Feed.Append(1);
        Assert.Equal(["id: 7"], await second.IdsAsync(1));
    }

    [Fact]
    public async Task A_reader_without_a_position_starts_after_the_census_sequence()
    {
        await using var host = await ApiHost.StartAsync();
        host.Feed.Append(80);
        using var stream = await OpenAsync(host, "/v1/changes/stream");
        Assert.Equal("id: 77", stream.Start);
        Assert.Equal(["id: 78", "id: 79", "id: 80"], await stream.IdsAsync(3));
    }

    [Fact]
    public async Task Events_carry_the_transition_as_json_and_silence_a_heartbeat()
    {
        await using var host = await ApiHost.StartAsync();
        using var stream = await OpenAsync(host, "/v1/changes/stream?after=0");
        Assert.Equal("text/event-stream", stream.Response.Content.Headers.ContentType?.MediaType);
        // The stream may not be waiting yet at the first wake-up, so wake it until it reacts.
        var line = stream.LineAsync();
        while (!line.IsCompleted)
        {
            host.Feed.Wake();
            await Task.Yield();
        }

        Assert.Equal(": heartbeat", await line);
        host.Feed.Append(1);
        Assert.Equal(["id: 1"], await stream.IdsAsync(1));
        Assert.Equal("event: transition", await stream.LineAsync());
        Assert.StartsWith("""data: {"sequence":1,"customerId":"customer 1","from":"s1","to":"s2","cause":"time",""", await stream.LineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_streams_than_the_limit_are_refused_until_one_ends()
    {
        await using var host = await ApiHost.StartAsync(options => options.ChangeStreamsMax = 1);
        using (var first = await OpenAsync(host, "/v1/changes/stream?after=0"))
        {
            var (refused, json) = await host.GetAsync("/v1/changes/stream?after=0");
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.Equal("overloaded", json.GetProperty("error").GetProperty("code").GetString());
        }

        using var deadline = new CancellationTokenSource(ApiHost.Deadline);
        HttpResponseMessage? next = null;
        do
        {
            next?.Dispose();
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/v1/changes/stream?after=0", UriKind.Relative));
            next = await host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
        }
        while (next.StatusCode == HttpStatusCode.TooManyRequests);

        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
        next.Dispose();
    }

    [Fact]
    public async Task Streams_end_when_the_host_stops()
    {
        await using var host = await ApiHost.StartAsync();
        using var stream = await OpenAsync(host, "/v1/changes/stream?after=0");
        await host.App.StopAsync().WaitAsync(ApiHost.Deadline);
        while (await stream.LineAsync() is not null)
        {
            // Reads what was written before the end.
        }
    }

    [Fact]
    public async Task A_filtered_stream_has_the_asked_for_transitions_and_says_how_far_it_has_read()
    {
        await using var host = await ApiHost.StartAsync();
        using var stream = await OpenAsync(host, "/v1/changes/stream?after=0&segment=s8&segment=s9&cause=event");
        host.Feed.Append(3);
        Assert.Equal(("id: 3", "event: position"), (await stream.LineAsync(), await stream.LineAsync()));
        host.Feed.Append(("s9", "s2", "time"), ("s9", "s2", "event"), ("s1", "s8", "event"), ("s1", "s2", "event"));
        Assert.Equal(["id: 5", "id: 6", "id: 7"], await stream.IdsAsync(3));
        Assert.Equal("event: position", await stream.LineAsync());
        host.Feed.Append((null, "s8", "event"));
        Assert.Equal(["id: 8"], await stream.IdsAsync(1));
    }

    [Fact]
    public async Task A_filtered_page_has_what_was_asked_for_and_the_next_one_continues_behind_it()
    {
        await using var host = await ApiHost.StartAsync();
        host.Feed.Append(2_500);
        host.Feed.Append(("s1", "s9", "event"), ("s1", "s9", "time"), ("s9", null, "merge"));
        host.Feed.Append(1);

        Assert.Equal("2501 2502, next after 2502", await PageAsync(host, "segment=s9&limit=2"));
        Assert.Equal("2503, next after 2504", await PageAsync(host, "segment=s9&limit=2&after=2502"));
        Assert.Equal("2501 2503, next after 2504", await PageAsync(host, "cause=event&cause=merge"));
        Assert.Equal(", next after 2504", await PageAsync(host, "cause=consent"));
    }

    [Theory]
    [InlineData("segment=big", "invalid_segment")]
    [InlineData("segment=s1&segment=", "invalid_segment")]
    [InlineData("cause=whim", "invalid_cause")]
    public async Task A_filter_that_matches_nothing_ever_is_refused(string filter, string code)
    {
        await using var host = await ApiHost.StartAsync();
        foreach (var path in (string[])["/v1/changes", "/v1/changes/stream"])
        {
            var (response, json) = await host.GetAsync($"{path}?{filter}");
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            Assert.Equal(code, json.GetProperty("code").GetString());
        }
    }

    [Fact]
    public async Task A_reader_that_stands_still_is_cut_off_and_resumes_where_it_was()
    {
        var time = new ManualTimeProvider();
        await using var host = await ApiHost.StartAsync(clock: new StoreClock(time, time));
        const int all = 150_000;
        host.Feed.Append(all);
        using var idle = new TcpClient();
        await idle.ConnectAsync(IPAddress.Loopback, host.Address.Port);
        await using var connection = idle.GetStream();
        await connection.WriteAsync(Encoding.ASCII.GetBytes(
            $"GET /v1/changes/stream?after=0 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ApiHost.ReadKey}\r\n\r\n"));

        await Condition.HoldsAsync("the stream writes", () => host.Feed.LastRead > 0);
        var gate = host.App.Services.GetRequiredService<RequestGate>();

        // It writes until the buffers between the two are full; then only the clock ends it.
        await Condition.HoldsAsync("the reader is cut off", () =>
        {
            time.Advance(SlowReaders.StandstillMax / 10);
            return gate.Running == 0;
        });
        Assert.InRange(host.Feed.LastRead, 1, all - 1);
        Assert.True(time.GetUtcNow() - new ManualTimeProvider().GetUtcNow() >= SlowReaders.StandstillMax, "It had no time to read.");

        var last = await LastIdAsync(connection);
        using var next = await OpenAsync(host, "/v1/changes/stream", $"{last}");
        Assert.Equal([$"id: {last + 1}", $"id: {last + 2}"], await next.IdsAsync(2));
    }

    /// <summary>Reads what had arrived when the connection was cut.</summary>
    private static async Task<long> LastIdAsync(NetworkStream connection)
    {
        var text = new StringBuilder();
        var buffer = new byte[65_536];
        try
        {
            while (await connection.ReadAsync(buffer).AsTask().WaitAsync(ApiHost.Deadline) is > 0 and var read)
            {
                text.Append(Encoding.UTF8.GetString(buffer.AsSpan(0, read)));
            }
        }
        catch (IOException)
        {
            // The connection was reset.
        }

        var whole = text.ToString();
        var end = whole.LastIndexOf("\n\n", StringComparison.Ordinal);
        var id = end < 0 ? -1 : whole.LastIndexOf("id: ", end, StringComparison.Ordinal);
        return id < 0 ? 0 : long.Parse(whole[(id + 4)..whole.IndexOf('\n', id)], CultureInfo.InvariantCulture);
    }

    private static async Task<string> PageAsync(ApiHost host, string query)
    {
        var (_, json) = await host.GetAsync($"/v1/changes?{query}");
        return $"{string.Join(' ', json.GetProperty("changes").EnumerateArray().Select(change => change.GetProperty("sequence")))}, next after {json.GetProperty("nextAfter")}";
    }

    private static async Task<OpenStream> OpenAsync(ApiHost host, string path, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        var response = await host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var stream = new OpenStream(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
        Assert.Equal("retry: 2000", await stream.LineAsync());
        stream.Start = await stream.LineAsync();
        Assert.Equal(("event: position", $$"""data: {"sequence":{{stream.Start!["id: ".Length..]}}}""", ""), (await stream.LineAsync(), await stream.LineAsync(), await stream.LineAsync()));
        return stream;
    }

    private sealed record OpenStream(HttpResponseMessage Response, StreamReader Reader) : IDisposable
    {
        /// <summary>The id with which the stream begins.</summary>
        public string? Start { get; set; }

        public Task<string?> LineAsync() => Reader.ReadLineAsync().WaitAsync(ApiHost.Deadline);

        public async Task<List<string>> IdsAsync(int count)
        {
            var ids = new List<string>();
            while (ids.Count < count)
            {
                var line = await LineAsync();
                Assert.NotNull(line);
                if (line.StartsWith("id: ", StringComparison.Ordinal))
                {
                    ids.Add(line);
                }
            }

            return ids;
        }

        public void Dispose()
        {
            Reader.Dispose();
            Response.Dispose();
        }
    }
}
