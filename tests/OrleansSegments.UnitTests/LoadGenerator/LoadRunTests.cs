using System.Text;
using System.Text.Json;
using OrleansSegments.LoadGenerator;
using Xunit;

namespace OrleansSegments.UnitTests.LoadGenerator;

public sealed class LoadRunTests
{
    private static readonly LoadOptions Options = new()
    {
        Uri = new Uri("http://127.0.0.1:8080"),
        WriteKey = "key-1",
        EventsPerSecond = 1000,
        Seconds = 1,
        BatchSize = 100,
        Customers = 50,
        Connections = 1,
        Seed = 4,
    };

    [Fact]
    public async Task Every_event_of_the_schedule_is_posted_once()
    {
        using var api = new ScriptedApi(_ => ScriptedApi.Ok());
        LoadReport report = await new LoadRun(Options with { Seconds = 1.05, Connections = 8 }, api, new LeapingTime()).RunAsync();
        Assert.Equal(1050, report.Events);
        Assert.Equal(11, report.Answers2xx);
        string[] ids = [.. api.Requests.SelectMany(asked => Batch(asked.Body)).Select(e => $"{e.GetProperty("userId")} {e.GetProperty("messageId")}")];
        Assert.Equal(1050, ids.Length);
        Assert.Equal([50, 100], api.Requests.Select(asked => Batch(asked.Body).Length).Distinct().Order());
        Assert.InRange(ids.Distinct().Count(), 1000, 1050);
    }

    [Fact]
    public async Task Requests_carry_the_write_key_as_the_basic_user_and_go_to_the_batch_path()
    {
        using var api = new ScriptedApi(_ => ScriptedApi.Ok());
        await new LoadRun(Options, api, new LeapingTime()).RunAsync();
        HttpRequestMessage request = api.Requests.First().Request;
        Assert.Equal(HttpMethod.Post, request.Method);
        Assert.Equal("http://127.0.0.1:8080/v1/batch", request.RequestUri!.ToString());
        Assert.Equal("Basic", request.Headers.Authorization!.Scheme);
        Assert.Equal("key-1:", Encoding.UTF8.GetString(Convert.FromBase64String(request.Headers.Authorization.Parameter!)));
        Assert.Equal("application/json", request.Content!.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Events_end_before_now()
    {
        var time = new LeapingTime();
        DateTimeOffset begin = time.GetUtcNow();
        using var api = new ScriptedApi(_ => ScriptedApi.Ok());
        await new LoadRun(Options with { EventsPerSecond = 10_000 }, api, time).RunAsync();
        Assert.All(
            api.Requests.SelectMany(asked => Batch(asked.Body)),
            e => Assert.InRange(e.GetProperty("timestamp").GetDateTimeOffset(), begin.AddDays(-60), begin.AddHours(1)));
    }

    [Fact]
    public async Task A_stalled_answer_counts_against_the_batches_that_had_to_wait_for_it()
    {
        // Ten batches a second; the first answer takes half a second, in which four more should have been sent.
        var time = new LeapingTime();
        using var api = new ScriptedApi(number =>
        {
            time.Advance(TimeSpan.FromMilliseconds(number == 1 ? 500 : 0));
            return ScriptedApi.Ok();
        });
        LoadReport report = await new LoadRun(Options, api, time).RunAsync();
        Assert.Equal(500, report.LatencyMsMax, 0.5);
        Assert.Equal(400, report.BehindScheduleMsMax, 0.4);

        // Latencies 500, 400, 300, 200, 100 and five times 0; only one request took service time.
        Assert.InRange(report.LatencyMsP90, 392, 408);
        Assert.Equal(0, report.ServiceMsP50, 3);
    }

    [Fact]
    public async Task Too_many_requests_are_retried_after_the_time_asked_for_with_the_same_message_ids()
    {
        var time = new LeapingTime();
        using var api = new ScriptedApi(number => number <= 2 ? ScriptedApi.Status(429, retryAfterSeconds: 3) : ScriptedApi.Ok());
        LoadReport report = await new LoadRun(Options with { Seconds = 0.1 }, api, time).RunAsync();
        Assert.Equal(2, report.Answers429);
        Assert.Equal(100, report.Events);
        Assert.Equal(TimeSpan.FromSeconds(6), time.Elapsed);
        Assert.Equal(6000, report.LatencyMsMax, 6.0);
        Assert.Single(api.Requests.Select(asked => asked.Body).Distinct());
    }

    [Fact]
    public async Task Server_errors_and_broken_connections_are_retried_with_growing_waits()
    {
        var time = new LeapingTime();
        using var api = new ScriptedApi(number => number switch
        {
            1 => ScriptedApi.Status(503),
            2 => throw new HttpRequestException("reset"),
            3 => ScriptedApi.Status(500),
            _ => ScriptedApi.Ok(),
        });
        LoadReport report = await new LoadRun(Options with { Seconds = 0.1 }, api, time).RunAsync();
        Assert.Equal(2, report.Answers5xx);
        Assert.Equal(1, report.NetworkErrors);
        Assert.Equal(100, report.Events);
        Assert.Equal(TimeSpan.FromMilliseconds(100 + 200 + 400), time.Elapsed);
    }

    [Fact]
    public async Task A_batch_is_given_up_after_its_attempts_and_the_others_go_on()
    {
        using var api = new ScriptedApi(number => number <= 3 ? ScriptedApi.Status(500) : ScriptedApi.Ok());
        LoadReport report = await new LoadRun(Options with { AttemptsMax = 3 }, api, new LeapingTime()).RunAsync();
        Assert.Equal(100, report.EventsGivenUp);
        Assert.Equal(900, report.Events);
    }

    [Fact]
    public async Task A_refused_key_ends_the_run_with_the_reason()
    {
        using var api = new ScriptedApi(_ => ScriptedApi.Status(401));
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => new LoadRun(Options with { Connections = 4 }, api, new LeapingTime()).RunAsync());
        Assert.Contains("401", refused.Message, StringComparison.Ordinal);
        Assert.InRange(api.Requests.Count, 1, 4);
    }

    [Fact]
    public async Task An_unforeseen_failure_ends_the_run_instead_of_vanishing()
    {
        using var api = new ScriptedApi(_ => throw new NotSupportedException("broken handler"));
        var failed = await Assert.ThrowsAsync<HttpRequestException>(() => new LoadRun(Options, api, new LeapingTime()).RunAsync());
        Assert.Contains("broken handler", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_ends_the_run()
    {
        using var stop = new CancellationTokenSource();
        using var api = new ScriptedApi(number =>
        {
            if (number == 3)
            {
                stop.Cancel();
            }

            return ScriptedApi.Ok();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new LoadRun(Options, api, new LeapingTime()).RunAsync(null, stop.Token));
    }

    [Fact]
    public async Task Duplicates_and_rejections_that_the_api_tells_are_in_the_report()
    {
        using var api = new ScriptedApi(number => ScriptedApi.Ok(number switch
        {
            1 => """{"success":true,"accepted":90,"duplicates":8,"rejected":[{"index":3},{"index":7}]}""",
            2 => "OK",
            _ => """{"success":true}""",
        }));
        LoadReport report = await new LoadRun(Options, api, new LeapingTime()).RunAsync();
        Assert.Equal(998, report.Events);
        Assert.Equal(8, report.EventsDuplicate);
        Assert.Equal(2, report.EventsRejected);
    }

    [Fact]
    public async Task The_report_speaks_JSON_by_the_names_of_the_contract()
    {
        using var api = new ScriptedApi(_ => ScriptedApi.Ok());
        LoadReport report = await new LoadRun(Options, api, new LeapingTime()).RunAsync();
        JsonElement json = JsonDocument.Parse(report.ToJson()).RootElement;
        foreach (string name in new[] { "events", "eventsPerSecond", "latencyMsP50", "latencyMsP90", "latencyMsP99", "latencyMsMax", "customers", "answers429" })
        {
            Assert.Equal(JsonValueKind.Number, json.GetProperty(name).ValueKind);
        }
    }

    [Fact]
    public async Task Progress_is_told_about_once_a_second()
    {
        var told = new List<LoadProgress>();
        using var api = new ScriptedApi(_ => ScriptedApi.Ok());
        await new LoadRun(Options with { Seconds = 5 }, api, new LeapingTime()).RunAsync(new Told(told));
        Assert.InRange(told.Count, 4, 5);
        Assert.True(told[^1].EventsSent > told[0].EventsSent);
    }

    [Fact]
    public void Options_out_of_range_are_refused_by_name()
    {
        var refused = Assert.Throws<ArgumentOutOfRangeException>(() => new LoadRun(Options with { BatchSize = 2501 }));
        Assert.Contains("BatchSize is 2501; it must be 1 to 2500", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new LoadRun(Options with { Uri = new Uri("/v1", UriKind.Relative) }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LoadRun(Options with { WriteKey = "" }));
    }

    private static JsonElement[] Batch(string body) => [.. JsonDocument.Parse(body).RootElement.GetProperty("batch").EnumerateArray()];

    private sealed class Told(List<LoadProgress> reports) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value) => reports.Add(value);
    }
}
