using OrleansSegments.CrashTests.Http;
using OrleansSegments.EndToEndTests.Http;

namespace OrleansSegments.EndToEndTests.Api;

/// <summary>No answer without a key or with the wrong one, and none for unknown paths.</summary>
public sealed class KeyTests(RunningSilo silo) : IClassFixture<RunningSilo>
{
    private SegmentsApi Api => silo.Api;

    [Theory]
    [InlineData("/v1/segments")]
    [InlineData("/v1/customers/anyone")]
    [InlineData("/v1/customers/anyone/explanation")]
    [InlineData("/v1/customers/anyone/history")]
    [InlineData("/v1/segments/s1/members")]
    [InlineData("/v1/changes")]
    [InlineData("/v1/changes/stream")]
    [InlineData("/v1/model")]
    [InlineData("/v1/models")]
    [InlineData("/v1/model/rollout")]
    public async Task A_query_needs_a_read_key(string path)
    {
        (await Api.GetAsync(path, key: null)).AssertRefused(401, "missing_key");
        (await Api.GetAsync(path, "made-up")).AssertRefused(401, "invalid_key");
        (await Api.GetAsync(path, SegmentsApi.WriteKey)).AssertRefused(403, "forbidden");
    }

    [Fact]
    public async Task Sending_needs_a_write_key_and_training_an_admin_key()
    {
        byte[] batch = RunningSilo.Orders("locked-out", "1");
        (await Api.SendAsync(HttpMethod.Post, "/v1/batch", key: null, new ByteArrayContent(batch))).AssertRefused(401, "missing_key");
        (await Api.SendAsync(HttpMethod.Post, "/v1/batch", SegmentsApi.ReadKey, new ByteArrayContent(batch))).AssertRefused(403, "forbidden");
        Assert.Equal(0, await Api.EventCountAsync("locked-out"));
        (await Api.SendAsync(HttpMethod.Post, "/v1/model/train", SegmentsApi.ReadKey)).AssertRefused(403, "forbidden");
    }

    [Theory]
    [InlineData("/v1/customers/nobody")]
    [InlineData("/v1/customers/nobody/explanation")]
    [InlineData("/v1/customers/nobody/history")]
    [InlineData("/v1/segments/s999")]
    [InlineData("/v1/segments/s999/members")]
    [InlineData("/v1/segments/s999/history")]
    [InlineData("/v1/segments/blue")]
    [InlineData("/v1/models/999")]
    [InlineData("/v1/horoscope")]
    public async Task An_unknown_path_is_not_found(string path) => (await Api.GetAsync(path)).AssertRefused(404, "not_found");

    [Theory]
    [InlineData("/v1/changes?after=-1")]
    [InlineData("/v1/changes?limit=lots")]
    [InlineData("/v1/models/first")]
    public async Task A_malformed_query_is_refused(string path)
    {
        ApiAnswer answer = await Api.GetAsync(path);
        Assert.True(answer.Status == 400, answer.ToString());
        Assert.NotNull(answer.Json["error"]!["message"]);
    }
}
