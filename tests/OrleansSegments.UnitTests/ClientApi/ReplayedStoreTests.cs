using System.Net;
using OrleansSegments.ClientApi.Clocks;
using Xunit;

namespace OrleansSegments.UnitTests.ClientApi;

/// <summary>
/// A store on a replayed clock. Regression: an event of 2026 sent to such a store was answered "accepted" and stored in 2011, because an
/// event ahead of the store's clock counted as happening now.
/// </summary>
public sealed class ReplayedStoreTests
{
    private static readonly DateTimeOffset EndOfHistory = new(2011, 12, 9, 12, 50, 0, TimeSpan.Zero);

    private static StoreClock Replayed => new(new TestTime(EndOfHistory), new TestTime());

    [Theory]
    [InlineData("""{"userId":"ada","event":"Order Completed","timestamp":"2026-02-27T10:00:00Z"}""", "2026-02-27T10:00:00Z")]
    [InlineData("""{"userId":"ada","event":"Order Completed","timestamp":"2026-03-01T12:00:00Z","sentAt":"2026-03-01T12:00:00Z"}""", "2026-03-01T12:00:00Z")]
    [InlineData("""{"userId":"ada","event":"Order Completed"}""", "2026-03-01T12:00:00Z")]
    [InlineData("""{"userId":"ada","event":"Order Completed","timestamp":"2011-12-09T12:52:00Z"}""", "2011-12-09T12:52:00Z")]
    public async Task A_later_event_is_refused_with_the_cure_and_keeps_its_date(string body, string moment)
    {
        await using var host = await ApiHost.StartAsync(clock: Replayed);
        var (response, json) = await host.PostAsync("/v1/track", body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("outside_replayed_time", json.GetProperty("error").GetProperty("code").GetString());
        var message = json.GetProperty("error").GetProperty("message").GetString();
        Assert.All([moment, "2011-12-09T12:50:00Z", "--system-clock"], part => Assert.Contains(part, message, StringComparison.Ordinal));
        Assert.Empty(host.Router.Events);
    }

    [Fact]
    public async Task A_batch_keeps_what_happened_by_then_and_rejects_the_rest()
    {
        await using var host = await ApiHost.StartAsync(clock: Replayed);
        var (response, json) = await host.PostAsync(
            "/v1/batch",
            """{"batch":[{"type":"page","userId":"a"},{"type":"page","userId":"b","timestamp":"2011-12-01T00:00:00Z"},{"type":"page","userId":"c","timestamp":"2026-02-27T10:00:00Z"}]}""");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal([0, 2], json.GetProperty("rejected").EnumerateArray().Select(rejection => rejection.GetProperty("index").GetInt32()));
        var kept = Assert.Single(host.Router.Events);
        Assert.Equal(("b", new DateTimeOffset(2011, 12, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds()), (kept.CustomerId, kept.OccurredAtMilliseconds));
    }

    [Theory]
    [InlineData("/v1/customers/ada")]
    [InlineData("/v1/customers/ada/explanation")]
    [InlineData("/v1/customers/ada/history")]
    [InlineData("/v1/customers/nobody")]
    [InlineData("/v1/segments")]
    [InlineData("/v1/segments/map")]
    [InlineData("/v1/segments/flows")]
    [InlineData("/v1/segments/s2")]
    [InlineData("/v1/segments/s2/members")]
    [InlineData("/v1/changes")]
    [InlineData("/v1/models")]
    public async Task Every_answer_names_the_clock(string path)
    {
        await using var replayed = await ApiHost.StartAsync(clock: Replayed);
        await using var present = await ApiHost.StartAsync();
        foreach (var (host, name) in new[] { (replayed, "replayed"), (present, "system") })
        {
            var (response, json) = await host.GetAsync(path);
            Assert.Equal([name], response.Headers.GetValues("Store-Clock"));
            Assert.True(!json.TryGetProperty("asOf", out _) || json.GetProperty("clock").GetString() == name, json.GetRawText());
        }
    }

    [Fact]
    public async Task The_openapi_document_describes_the_clock()
    {
        await using var host = await ApiHost.StartAsync();
        var (_, json) = await host.GetAsync("/openapi/v1.json");
        Assert.Contains("outside_replayed_time", json.GetProperty("info").GetProperty("description").GetString(), StringComparison.Ordinal);
        var answers = json.GetProperty("paths").GetProperty("/v1/segments").GetProperty("get").GetProperty("responses");
        Assert.True(answers.GetProperty("200").GetProperty("headers").TryGetProperty("Store-Clock", out _), answers.GetRawText());
    }
}
