using System.IO.Compression;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OrleansSegments.ClientApi.Events;
using OrleansSegments.Contracts.Events;
using OrleansSegments.TestKit.Waiting;
using Xunit;

namespace OrleansSegments.UnitTests.ClientApi;

public sealed class IngestionTests
{
    internal const string OneTrack = """{"batch":[{"type":"track","event":"Product Viewed","userId":"ada","messageId":"m1"}]}""";

    [Theory]
    [InlineData("/v1/batch")]
    [InlineData("/v1/batch/")]
    [InlineData("/v1/import/")]
    [InlineData("/v1/b")]
    [InlineData("/v1/b/")]
    [InlineData("/api/s/s2s/batch")]
    public async Task A_batch_is_taken_on_every_path_that_clients_use(string path)
    {
        await using var host = await ApiHost.StartAsync();
        var (response, json) = await host.PostAsync(path, OneTrack);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("""{"success":true,"accepted":1,"duplicates":0,"rejected":[]}""", json.GetRawText());
        Assert.Equal("ada", Assert.Single(host.Router.Events).CustomerId);
    }

    [Theory]
    [InlineData("/v1/track", EventKind.Track)]
    [InlineData("/v1/t", EventKind.Track)]
    [InlineData("/v1/identify/", EventKind.Identify)]
    [InlineData("/v1/page", EventKind.Page)]
    [InlineData("/v1/screen", EventKind.Screen)]
    [InlineData("/v1/group", EventKind.Group)]
    [InlineData("/v1/alias", EventKind.Alias)]
    [InlineData("/v1/s/", EventKind.Screen)]
    [InlineData("/v1/a", EventKind.Alias)]
    [InlineData("/api/s/track", EventKind.Track)]
    [InlineData("/api/s/identify/", EventKind.Identify)]
    [InlineData("/api/s/page", EventKind.Page)]
    [InlineData("/api/s/screen", EventKind.Screen)]
    [InlineData("/api/s/group", EventKind.Group)]
    [InlineData("/api/s/alias", EventKind.Alias)]
    [InlineData("/api/s/s2s/track", EventKind.Track)]
    [InlineData("/api/s/s2s/page/", EventKind.Page)]
    public async Task A_single_event_is_taken_on_the_path_of_its_kind(string path, EventKind kind)
    {
        await using var host = await ApiHost.StartAsync();
        var (response, _) = await host.PostAsync(path, """{"event":"Cart Viewed","userId":7}""");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var taken = Assert.Single(host.Router.Events);
        Assert.Equal((kind, "7"), (taken.Kind, taken.CustomerId));
    }

    [Fact]
    public async Task A_small_gzip_that_unpacks_beyond_the_limit_is_refused()
    {
        await using var host = await ApiHost.StartAsync();
        var (response, json) = await host.PostAsync("/v1/batch", Gzip(new byte[50_000_000]), "gzip");
        AssertIngestionError(response, json, HttpStatusCode.RequestEntityTooLarge, "request_too_large");
    }

    [Fact]
    public async Task Requests_up_to_the_limit_are_read_and_larger_ones_refused_with_and_without_a_length()
    {
        await using var host = await ApiHost.StartAsync(options => (options.RequestBytesMax, options.EventBytesMax) = (2_048, 1_024));
        var (fits, _) = await host.PostAsync("/v1/batch", OneTrack.PadRight(2_048));
        Assert.Equal(HttpStatusCode.OK, fits.StatusCode);

        var (over, json) = await host.PostAsync("/v1/batch", OneTrack.PadRight(2_049));
        AssertIngestionError(over, json, HttpStatusCode.RequestEntityTooLarge, "request_too_large");

        using var content = new StreamContent(new ForwardOnlyStream(Encoding.UTF8.GetBytes(OneTrack.PadRight(2_049))));
        var chunked = await host.Client.PostAsync(new Uri("/v1/batch", UriKind.Relative), content);
        AssertIngestionError(chunked, await ApiHost.JsonOf(chunked), HttpStatusCode.RequestEntityTooLarge, "request_too_large");
        Assert.Single(host.Router.Events);
    }

    [Theory]
    [InlineData("", "invalid_json")]
    [InlineData("{", "invalid_json")]
    [InlineData("""{"batch":[]} x""", "invalid_json")]
    [InlineData("[]", "invalid_batch")]
    [InlineData("""{"events":[]}""", "invalid_batch")]
    [InlineData("""{"batch":{}}""", "invalid_batch")]
    public async Task A_request_that_cannot_be_read_is_refused_whole_with_every_key_that_clients_parse(string body, string code)
    {
        await using var host = await ApiHost.StartAsync();
        var (response, json) = await host.PostAsync("/v1/batch", body);
        AssertIngestionError(response, json, HttpStatusCode.BadRequest, code);
        Assert.Empty(host.Router.Events);
    }

    [Fact]
    public async Task One_bad_event_is_rejected_with_its_index_and_the_rest_is_accepted()
    {
        await using var host = await ApiHost.StartAsync();
        host.Router.Rejected = [new EventRejection(1, "lateness", "Too old.")];
        var (response, json) = await host.PostAsync(
            "/v1/batch",
            """{"batch":[{"type":"track","userId":"a","event":"x"},{"type":"dance","userId":"a"},{"type":"page","userId":"b"}]}""");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(1, json.GetProperty("accepted").GetInt32());

        // The router saw two events; the one it refused is the third of the request.
        Assert.Equal(["1 invalid_type", "2 lateness"], json.GetProperty("rejected").EnumerateArray()
            .Select(rejection => $"{rejection.GetProperty("index")} {rejection.GetProperty("code")}"));
    }

    [Fact]
    public async Task A_bad_event_alone_is_a_bad_request()
    {
        await using var host = await ApiHost.StartAsync();
        var (response, json) = await host.PostAsync("/v1/track", """{"event":"x"}""");
        AssertIngestionError(response, json, HttpStatusCode.BadRequest, "missing_user_id");
    }

    [Fact]
    public async Task An_empty_batch_is_taken_without_a_call()
    {
        await using var host = await ApiHost.StartAsync();
        host.Router.Failure = new InvalidOperationException("not to be called");
        var (response, _) = await host.PostAsync("/v1/batch", """{"batch":[]}""");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData(RouteStatus.Overloaded, StatusCodes.Status429TooManyRequests, "overloaded")]
    [InlineData(RouteStatus.Unavailable, StatusCodes.Status503ServiceUnavailable, "unavailable")]
    public async Task What_is_not_durable_is_refused_with_Retry_After(RouteStatus status, int expected, string code)
    {
        await using var host = await ApiHost.StartAsync();
        host.Router.Status = status;
        var (response, json) = await host.PostAsync("/v1/batch", OneTrack);
        AssertIngestionError(response, json, (HttpStatusCode)expected, code);
        var seconds = Assert.Single(response.Headers.GetValues("Retry-After"));
        Assert.InRange(int.Parse(seconds, null), 1, 2);
        Assert.Equal(seconds, Assert.Single(response.Headers.GetValues("X-RateLimit-Reset")));
    }

    [Fact]
    public async Task Requests_that_are_turned_away_together_do_not_come_back_together()
    {
        await using var host = await ApiHost.StartAsync();
        host.Router.Status = RouteStatus.Overloaded;
        var seconds = new HashSet<string>();
        for (var request = 0; request < 64; request++)
        {
            var (response, _) = await host.PostAsync("/v1/batch", OneTrack);
            seconds.Add(Assert.Single(response.Headers.GetValues("Retry-After")));
        }

        Assert.Equal(["1", "2"], seconds.Order());
    }

    [Fact]
    public async Task A_router_that_times_out_or_has_no_store_is_503_and_one_that_throws_is_500()
    {
        await using var host = await ApiHost.StartAsync();
        host.Router.Failure = new TimeoutException();
        var (late, lateJson) = await host.PostAsync("/v1/batch", OneTrack);
        AssertIngestionError(late, lateJson, HttpStatusCode.ServiceUnavailable, "unavailable");
        Assert.True(late.Headers.Contains("Retry-After"));

        host.Router.Failure = new IOException("secret");
        var (away, awayJson) = await host.PostAsync("/v1/batch", OneTrack);
        AssertIngestionError(away, awayJson, HttpStatusCode.ServiceUnavailable, "unavailable");
        Assert.True(away.Headers.Contains("Retry-After"));
        Assert.DoesNotContain("secret", awayJson.GetRawText(), StringComparison.Ordinal);

        host.Router.Failure = new InvalidOperationException("secret");
        var (broken, brokenJson) = await host.PostAsync("/v1/batch", OneTrack);
        AssertIngestionError(broken, brokenJson, HttpStatusCode.InternalServerError, "internal");
        Assert.DoesNotContain("secret", brokenJson.GetRawText(), StringComparison.Ordinal);
    }

    /// <summary>Memory for one request of the largest size: the second waits for the first, and there is no room to wait for the third.</summary>
    [Fact]
    public async Task Requests_wait_for_memory_and_are_turned_away_when_too_many_wait()
    {
        await using var host = await ApiHost.StartAsync(options => (options.RequestBytesMax, options.IngestionBytesMax) = ((1 << 20) - 1, 1 << 20));
        host.Router.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var large = OneTrack.PadRight((1 << 20) - 1);
        var first = host.PostAsync("/v1/batch", large);
        await host.Router.Entered.Task.WaitAsync(ApiHost.Deadline);
        var room = host.App.Services.GetRequiredService<IngestionRoom>();
        Assert.Equal(1, room.RetryAfterSeconds);

        var second = host.PostAsync("/v1/batch", large);
        await Condition.HoldsAsync("the second request waits", () => room.BytesWaiting > 0);
        Assert.Equal(10, room.RetryAfterSeconds);
        var (third, json) = await host.PostAsync("/v1/batch", large);
        AssertIngestionError(third, json, HttpStatusCode.TooManyRequests, "overloaded");
        Assert.InRange(int.Parse(Assert.Single(third.Headers.GetValues("Retry-After")), null), 10, 20);

        host.Router.Gate.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await first).Response.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await second).Response.StatusCode);
    }

    [Fact]
    public async Task A_request_that_waits_for_memory_in_vain_is_turned_away()
    {
        await using var host = await ApiHost.StartAsync(options => (options.RequestBytesMax, options.IngestionBytesMax) = ((1 << 20) - 1, 1 << 20));
        host.Router.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var large = OneTrack.PadRight((1 << 20) - 1);
        var first = host.PostAsync("/v1/batch", large);
        await host.Router.Entered.Task.WaitAsync(ApiHost.Deadline);
        var (second, json) = await host.PostAsync("/v1/batch", large);
        AssertIngestionError(second, json, HttpStatusCode.TooManyRequests, "overloaded");

        // A part of the memory is kept for small requests.
        var small = host.PostAsync("/v1/batch", OneTrack);
        await Condition.HoldsAsync("the small request reaches the router", () => host.Router.Events.Count == 2);
        host.Router.Gate.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await first).Response.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await small).Response.StatusCode);
    }

    [Fact]
    public async Task A_body_that_grows_while_it_is_unpacked_takes_the_memory_that_it_needs()
    {
        await using var host = await ApiHost.StartAsync(options => (options.RequestBytesMax, options.IngestionBytesMax) = ((1 << 20) - 1, 1 << 20));
        host.Router.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = host.PostAsync("/v1/batch", OneTrack.PadRight(1 << 19));
        await host.Router.Entered.Task.WaitAsync(ApiHost.Deadline);
        var (bomb, json) = await host.PostAsync("/v1/batch", Gzip(Encoding.UTF8.GetBytes(OneTrack.PadRight((1 << 20) - 1))), "gzip");
        AssertIngestionError(bomb, json, HttpStatusCode.TooManyRequests, "overloaded");
        host.Router.Gate.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await first).Response.StatusCode);
    }

    [Fact]
    public async Task A_key_that_sends_too_often_is_turned_away_and_another_is_not()
    {
        await using var host = await ApiHost.StartAsync(options => options.KeyRequestsPerSecondMax = 1);
        var (first, _) = await host.PostAsync("/v1/batch", OneTrack);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        var turnedAway = false;
        for (var request = 0; request < 50 && !turnedAway; request++)
        {
            var (response, json) = await host.PostAsync("/v1/batch", OneTrack);
            turnedAway = response.StatusCode == HttpStatusCode.TooManyRequests;
            if (turnedAway)
            {
                AssertIngestionError(response, json, HttpStatusCode.TooManyRequests, "rate_limited");
                Assert.True(response.Headers.Contains("Retry-After"));
            }
        }

        Assert.True(turnedAway);
        host.Client.DefaultRequestHeaders.Authorization = new("Bearer", ApiHost.WriteKey);
        var (other, _) = await host.PostAsync("/v1/batch", OneTrack);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("""{"series":[{"type":"Counter","metric":"analytics_js.invoke","value":1,"tags":{}}]}""")]
    [InlineData("not json")]
    public async Task The_metrics_of_an_sdk_are_taken_and_ignored_without_a_key(string body)
    {
        await using var host = await ApiHost.StartAsync();
        host.Client.DefaultRequestHeaders.Authorization = null;
        var (response, json) = await host.PostAsync("/v1/m", body);
        Assert.Equal((HttpStatusCode.OK, """{"success":true}"""), (response.StatusCode, json.GetRawText()));
    }

    internal static void AssertIngestionError(HttpResponseMessage response, System.Text.Json.JsonElement json, HttpStatusCode status, string code)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal(code, json.GetProperty("code").GetString());
        Assert.Equal(code, json.GetProperty("error").GetProperty("code").GetString());
        Assert.NotEmpty(json.GetProperty("message").GetString()!);
        Assert.Equal(json.GetProperty("message").GetString(), json.GetProperty("error").GetProperty("message").GetString());
    }

    internal static byte[] Gzip(byte[] plain)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(plain);
        }

        return packed.ToArray();
    }
}

/// <summary>A stream without a length, so that a client sends it chunked.</summary>
internal sealed class ForwardOnlyStream(byte[] bytes) : MemoryStream(bytes)
{
    public override bool CanSeek => false;
}
