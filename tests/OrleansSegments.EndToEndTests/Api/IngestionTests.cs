using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.EndToEndTests.Http;

namespace OrleansSegments.EndToEndTests.Api;

/// <summary>The ingestion endpoints as used by published clients.</summary>
public sealed class IngestionTests(RunningSilo silo) : IClassFixture<RunningSilo>
{
    private SegmentsApi Api => silo.Api;

    [Theory]
    [InlineData("track", """{"userId":"plain-track","event":"Order Completed","messageId":"1"}""")]
    [InlineData("t", """{"userId":"plain-t","event":"Order Completed","messageId":"1"}""")]
    [InlineData("identify", """{"userId":"plain-identify","traits":{"age":41},"messageId":"1"}""")]
    [InlineData("i", """{"anonymousId":"plain-i","traits":{"age":41},"messageId":"1"}""")]
    [InlineData("page", """{"userId":"plain-page","name":"Home","messageId":"1"}""")]
    [InlineData("screen/", """{"userId":"plain-screen","name":"Home","messageId":"1"}""")]
    public async Task A_single_event_makes_a_customer(string path, string body)
    {
        (await Api.PostEventsAsync($"/v1/{path}", body)).AssertAccepted(1, 0);
        string id = (string)(JsonNode.Parse(body)!["userId"] ?? JsonNode.Parse(body)!["anonymousId"])!;
        Assert.Equal(1, await Api.EventCountAsync(id));
    }

    [Theory]
    [InlineData("/v1/batch")]
    [InlineData("/v1/import/")]
    [InlineData("/v1/b")]
    public async Task A_batch_that_is_sent_again_changes_nothing(string path)
    {
        string id = $"repeat-{path.Trim('/').Replace('/', '-')}";
        byte[] batch = RunningSilo.Orders(id, "1", "2", "3");
        (await Api.PostEventsAsync(path, batch)).AssertAccepted(3, 0);
        JsonObject before = await Api.QueryAsync($"/v1/customers/{id}");
        (await Api.PostEventsAsync(path, batch)).AssertAccepted(0, 3);
        JsonObject after = await Api.QueryAsync($"/v1/customers/{id}");
        Assert.Equal(3, (long)after["eventCount"]!);
        Assert.Equal(before["segment"]!.ToJsonString(), after["segment"]!.ToJsonString());
        Assert.Equal(before["lastEventAt"]!.ToJsonString(), after["lastEventAt"]!.ToJsonString());
    }

    /// <summary>The violation is refused alone, listed, and taken once the plan is gone.</summary>
    [Fact]
    public async Task A_tracking_plan_refuses_what_it_does_not_know()
    {
        const string plan = """{"violations":"refuse","track":{"Planned Event":{"required":["revenue"]}}}""";
        ApiAnswer put = await Api.SendAsync(HttpMethod.Put, "/v1/tracking-plan", SegmentsApi.AdminKey, new StringContent(plan));
        Assert.Equal((200, plan), (put.Status, put.Json["plan"]!.ToJsonString()));
        Assert.Equal(plan, (await Api.QueryAsync("/v1/tracking-plan"))["plan"]!.ToJsonString());
        const string events = """{"batch":[{"type":"track","event":"Planned Event","userId":"planned","messageId":"1"},{"type":"track","event":"Planned Event","userId":"planned","messageId":"2","properties":{"revenue":1}}]}""";

        ApiAnswer sent = await Api.PostEventsAsync("/v1/batch", events);

        Assert.Equal((1, 0, "plan_violation"), ((int)sent.Json["accepted"]!, (int)sent.Json["rejected"]![0]!["index"]!, (string)sent.Json["rejected"]![0]!["code"]!));
        ApiAnswer listed = await Api.SendAsync(HttpMethod.Get, "/v1/rejections?reason=plan_violation", SegmentsApi.AdminKey, null);
        Assert.Single(listed.Json["rejections"]!.AsArray());
        ApiAnswer wrong = await Api.SendAsync(HttpMethod.Put, "/v1/tracking-plan", SegmentsApi.AdminKey, new StringContent("""{"track":1}"""));
        Assert.Equal((400, "invalid_tracking_plan"), (wrong.Status, (string)wrong.Json["code"]!));
        Assert.Null((await Api.SendAsync(HttpMethod.Delete, "/v1/tracking-plan", SegmentsApi.AdminKey, null)).Json["plan"]);
        Assert.Equal(1, (int)(await Api.SendAsync(HttpMethod.Post, "/v1/rejections/replay", SegmentsApi.AdminKey, null)).Json["accepted"]!);
        Assert.Equal(2, await Api.EventCountAsync("planned"));
    }

    [Fact]
    public async Task A_packed_body_of_any_media_type_is_read()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(RunningSilo.Orders("packed", "1", "2"));
        }

        using var content = new ByteArrayContent(packed.ToArray());
        content.Headers.ContentEncoding.Add("gzip");
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
        (await Api.SendAsync(HttpMethod.Post, "/v1/batch", SegmentsApi.WriteKey, content)).AssertAccepted(2, 0);
        Assert.Equal(2, await Api.EventCountAsync("packed"));
    }

    [Fact]
    public async Task A_bad_event_does_not_affect_the_others()
    {
        ApiAnswer answer = await Api.PostEventsAsync(
            "/v1/batch",
            """{"batch":[{"type":"track","event":"Order Completed","userId":"mixed","messageId":"1"},{"type":"dance","userId":"mixed","messageId":"2"}]}""");
        answer.AssertAccepted(1, 0);
        JsonNode rejection = Assert.Single(answer.Json["rejected"]!.AsArray())!;
        Assert.Equal(1, (int)rejection["index"]!);
        Assert.Equal(1, await Api.EventCountAsync("mixed"));
    }

    [Fact]
    public async Task A_body_that_is_not_an_event_is_refused_with_an_explanation()
    {
        (await Api.PostEventsAsync("/v1/batch", "{ not json")).AssertRefused(400, "invalid_json");
        (await Api.PostEventsAsync("/v1/track", """{"userId":"nameless"}""")).AssertRefused(400, "missing_event");
        Assert.Equal(0, await Api.EventCountAsync("nameless"));
    }

    [Fact]
    public async Task A_key_is_found_wherever_clients_put_it()
    {
        string body = $$"""{"writeKey":"{{SegmentsApi.WriteKey}}","userId":"keyed","event":"Order Completed","messageId":"1"}""";
        (await Api.SendAsync(HttpMethod.Post, "/v1/track", key: null, new StringContent(body))).AssertAccepted(1, 0);

        using var basic = new HttpRequestMessage(HttpMethod.Post, "/v1/batch") { Content = new ByteArrayContent(RunningSilo.Orders("keyed", "2")) };
        basic.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes(SegmentsApi.WriteKey + ":")));
        using HttpResponseMessage answer = await Api.Http.SendAsync(basic);
        Assert.True(answer.IsSuccessStatusCode);
        Assert.Equal(2, await Api.EventCountAsync("keyed"));
    }
}
