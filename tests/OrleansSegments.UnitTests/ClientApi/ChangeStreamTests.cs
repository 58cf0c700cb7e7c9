using System.Net;
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
        Assert.Equal(["id: 78", "id: 79", "id: 80"], await stream.IdsAsync(3));
    }

    [Fact]
    public async Task Events_carry_the_transition_as_json_and_silence_a_heartbeat()
    {
        await using var host = await ApiHost.StartAsync();
        using var stream = await OpenAsync(host, "/v1/changes/stream?after=0");
        Assert.Equal("text/event-stream", stream.Response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("retry: 2000", await stream.LineAsync());
        Assert.Equal("", await stream.LineAsync());

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

    private static async Task<OpenStream> OpenAsync(ApiHost host, string path, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        var response = await host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return new OpenStream(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
    }

    private sealed record OpenStream(HttpResponseMessage Response, StreamReader Reader) : IDisposable
    {
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
