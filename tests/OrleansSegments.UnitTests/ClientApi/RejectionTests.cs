using System.Net;
using OrleansSegments.Contracts.Events;
using Xunit;

namespace OrleansSegments.UnitTests.ClientApi;

/// <summary>Refused events are kept as received, by reason, and leave the list when they are taken on another try.</summary>
public sealed class RejectionTests
{
    [Fact]
    public async Task Refused_events_are_listed_newest_first_and_by_reason()
    {
        await using var host = await ApiHost.StartAsync();
        await host.PostAsync("/v1/batch", """{"batch":[{"type":"track","userId":"a"},{"type":"track","userId":"a","event":"x"},{"type":"dance","userId":"b"}]}""");
        var (single, _) = await host.PostAsync("/v1/track", """{"event":"y"}""");
        Assert.Equal(HttpStatusCode.BadRequest, single.StatusCode);

        var (_, all) = await host.GetAsync("/v1/rejections");
        Assert.Equal(
            ["missing_user_id", "invalid_type", "missing_event"], all.GetProperty("rejections").EnumerateArray().Select(x => x.GetProperty("reason").GetString()));
        Assert.Equal("""{"event":"y"}""", all.GetProperty("rejections")[0].GetProperty("event").GetString());
        Assert.Equal("Track", all.GetProperty("rejections")[0].GetProperty("kind").GetString());

        var (_, some) = await host.GetAsync("/v1/rejections?reason=invalid_type&limit=5");
        Assert.Equal("""{"type":"dance","userId":"b"}""", Assert.Single(some.GetProperty("rejections").EnumerateArray()).GetProperty("event").GetString());
    }

    [Fact]
    public async Task What_is_taken_on_another_try_leaves_the_list()
    {
        await using var host = await ApiHost.StartAsync();
        await host.PostAsync("/v1/batch", """{"batch":[{"type":"dance","userId":"b"}]}""");
        host.Router.Rejected = [new EventRejection(0, "timestamp_in_future", "later")];
        await host.PostAsync("/v1/track", """{"event":"y","userId":"a","messageId":"m"}""");

        host.Router.Rejected = [];
        var (_, answer) = await host.PostAsync("/v1/rejections/replay", "");
        Assert.Equal((true, 2, 1, 1), (
            answer.GetProperty("success").GetBoolean(), answer.GetProperty("tried").GetInt32(), answer.GetProperty("accepted").GetInt32(), answer.GetProperty("remaining").GetInt32()));
        Assert.Equal(["m", "m"], host.Router.Events.Select(x => x.MessageId));

        var (_, left) = await host.GetAsync("/v1/rejections");
        Assert.Equal("invalid_type", Assert.Single(left.GetProperty("rejections").EnumerateArray()).GetProperty("reason").GetString());
    }
}
