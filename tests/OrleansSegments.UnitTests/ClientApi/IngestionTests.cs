using System.IO.Compression;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using OrleansSegments.Contracts.Events;
using Xunit;

namespace OrleansSegments.UnitTests.ClientApi;

public sealed class IngestionTests
{
    private const string OneTrack = """{"batch":[{"type":"track","event":"Product Viewed","userId":"ada","messageId":"m1"}]}""";

    [Theory]
    [InlineData("/v1/batch")]
    [InlineData("/v1/batch/")]
    [InlineData("/v1/import/")]
    [InlineData("/v1/b")]
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
    public async Task A_single_event_is_taken_on_the_path_of_its_kind(string path, EventKind kind)
    {
        await using var host = await ApiHost.StartAsync();
        var (response, _) = await host.PostAsync(path, """{"event":"Cart Viewed","userId":7}""");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var taken = Assert.Single(host.Router.Events);
        Assert.Equal((kind, "7"), (taken.Kind, taken.CustomerId));
    }

    [Fact]
    public async Task A_gzip_body_is_taken_and_a_broken_one_refused()
    {
        await using var host = await ApiHost.StartAsync();
        var (response, _) = await host.PostAsync("/v1/batch", Gzip(Encoding.UTF8.GetBytes(OneTrack)), "gzip");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Single(host.Router.Events);

        var (broken, json) = await host.PostAsync("/v1/batch", Encoding.UTF8.GetBytes(OneTrack), "gzip");
        AssertIngestionError(broken, json, HttpStatusCode.BadRequest, "invalid_gzip");

        var (unknown, unknownJson) = await host.PostAsync("/v1/batch", [1], "br");
        AssertIngestionError(unknown, unknownJson, HttpStatusCode.UnsupportedMediaType, "unsupported_encoding");
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
        Assert.Equal("1", Assert.Single(response.Headers.GetValues("Retry-After")));
        Assert.Equal("1", Assert.Single(response.Headers.GetValues("X-RateLimit-Reset")));
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

    [Fact]
    public async Task More_concurrent_requests_than_the_limit_are_refused_and_accepted_when_there_is_room()
    {
        await using var host = await ApiHost.StartAsync(options => options.IngestionRequestsMax = 1);
        host.Router.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = host.PostAsync("/v1/batch", OneTrack);
        await host.Router.Entered.Task.WaitAsync(ApiHost.Deadline);

        var (second, json) = await host.PostAsync("/v1/batch", OneTrack);
        AssertIngestionError(second, json, HttpStatusCode.TooManyRequests, "overloaded");

        host.Router.Gate.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await first).Response.StatusCode);
        var (third, _) = await host.PostAsync("/v1/batch", OneTrack);
        Assert.Equal(HttpStatusCode.OK, third.StatusCode);
    }

    private static void AssertIngestionError(HttpResponseMessage response, System.Text.Json.JsonElement json, HttpStatusCode status, string code)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal(code, json.GetProperty("code").GetString());
        Assert.Equal(code, json.GetProperty("error").GetProperty("code").GetString());
        Assert.NotEmpty(json.GetProperty("message").GetString()!);
        Assert.Equal(json.GetProperty("message").GetString(), json.GetProperty("error").GetProperty("message").GetString());
    }

    private static byte[] Gzip(byte[] plain)
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
