using System.Text;
using OrleansSegments.ClientApi.Events;
using OrleansSegments.ClientApi.Queries;
using OrleansSegments.Contracts.Events;
using Xunit;

namespace OrleansSegments.UnitTests.ClientApi;

public sealed class EventBatchReaderTests
{
    private static readonly IngestionLimits Limits = new(512_000, 32 * 1024, 2_500, 60_000);

    [Fact]
    public void All_six_kinds_are_read_with_their_body_and_context()
    {
        var batch = Read("""
            {"batch":[
              {"type":"track","userId":"u","event":"Order Completed","properties":{"revenue":5},"context":{"ip":"1"},"messageId":"m1"},
              {"type":"identify","userId":"u","traits":{"age":30},"properties":{"not":"this"}},
              {"type":"page","userId":"u","name":"Home","properties":{"path":"/"}},
              {"type":"screen","userId":"u","name":"Cart"},
              {"type":"group","userId":"u","traits":{"plan":"x"}},
              {"type":"alias","userId":"u","previousId":"v"}]}
            """);
        Assert.Empty(batch.Rejected);
        Assert.Equal(
            [EventKind.Track, EventKind.Identify, EventKind.Page, EventKind.Screen, EventKind.Group, EventKind.Alias],
            batch.Events.Select(item => item.Kind));
        Assert.Equal(["Order Completed", null, "Home", "Cart", null, null], batch.Events.Select(item => item.Name));
        Assert.Equal(
            ["""{"revenue":5}""", """{"age":30}""", """{"path":"/"}""", "", """{"plan":"x"}""", """{"previousId":"v"}"""],
            batch.Events.Select(item => Text(item.Body)));
        Assert.Equal("""{"ip":"1"}""", Text(batch.Events[0].Context));
    }

    [Theory]
    [InlineData("""{"groupId":"g7","traits":{"plan":"x","id":1}}""", """{"plan":"x","id":1,"id":"g7"}""")]
    [InlineData("""{"groupId":7,"traits":{ }}""", """{"id":"7"}""")]
    [InlineData("""{"groupId":"g\"7"}""", """{"id":"g\u00227"}""")]
    public void A_groups_id_travels_with_its_traits(string group, string body) =>
        Assert.Equal(body, Text(Assert.Single(Read($$"""{"batch":[{"type":"group","userId":"u",{{group[1..]}}]}""").Events).Body));

    [Fact]
    public void Slices_point_into_the_request_and_are_not_copied()
    {
        var body = Encoding.UTF8.GetBytes("""{"batch":[{"type":"track","userId":"u","event":"e","properties":{"a":1}}]}""");
        var taken = Assert.Single(EventBatchReader.Read(body, null, Limits, TestTime.Noon).Events);
        Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetArray(taken.Body, out var segment));
        Assert.Same(body, segment.Array);
    }

    [Theory]
    [InlineData("\"userId\":12345", "12345")]
    [InlineData("\"userId\":null,\"anonymousId\":\"anon\"", "anon")]
    [InlineData("\"userId\":\"\",\"anonymousId\":7", "7")]
    [InlineData("\"anonymousId\":\"anon\",\"userId\":\"user\"", "user")]
    [InlineData("\"userId\":\"J\\u00f6rg \\ud83d\\ude00\"", "Jörg 😀")]
    [InlineData("\"userId\":\"Jörg 😀\"", "Jörg 😀")]
    [InlineData("\"\\u0075serId\":\"escaped name\"", "escaped name")]
    public void The_customer_is_the_user_id_or_else_the_anonymous_id_as_text(string ids, string expected)
    {
        var batch = Read($$"""{"batch":[{"type":"page",{{ids}}}]}""");
        Assert.Equal(expected, Assert.Single(batch.Events).CustomerId);
    }

    [Theory]
    [InlineData("""{"type":"track","event":"e"}""", "missing_user_id")]
    [InlineData("""{"type":"track","userId":"u"}""", "missing_event")]
    [InlineData("""{"userId":"u"}""", "invalid_type")]
    [InlineData("""{"type":"Track","userId":"u","event":"e"}""", "invalid_type")]
    [InlineData("""{"type":"page","userId":{"id":"u"}}""", "invalid_field")]
    [InlineData("""{"type":"page","userId":"\ud800"}""", "invalid_field")]
    [InlineData("""{"type":"page","userId":"a\u0000b"}""", "invalid_field")]
    [InlineData("""{"type":"page","userId":"u","properties":"p"}""", "invalid_field")]
    [InlineData("""{"type":"page","userId":"u","properties":[1]}""", "invalid_field")]
    [InlineData("""{"type":"page","userId":"u","timestamp":"soon"}""", "invalid_timestamp")]
    [InlineData("""{"type":"page","userId":"u","timestamp":{"at":[1]}}""", "invalid_timestamp")]
    [InlineData("""{"type":"page","userId":"u","timestamp":"0001-01-01T00:00:00Z"}""", "invalid_timestamp")]
    [InlineData("\"event\"", "invalid_event")]
    [InlineData("[{}]", "invalid_event")]
    [InlineData("null", "invalid_event")]
    public void A_bad_event_is_rejected_and_its_neighbours_are_taken(string bad, string code)
    {
        var good = """{"type":"page","userId":"u"}""";
        var batch = Read($$"""{"batch":[{{good}},{{bad}},{{good}}]}""");
        var rejection = Assert.Single(batch.Rejected);
        Assert.Equal((1, code), (rejection.Index, rejection.Code));
        Assert.NotEmpty(rejection.Message);
        Assert.Equal([0, 2], batch.Places!);
        Assert.Equal(2, batch.Events.Length);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[ ]")]
    [InlineData("null")]
    public void The_empty_array_that_php_makes_of_an_empty_map_counts_as_no_properties(string empty)
    {
        var batch = Read($$"""{"batch":[{"type":"page","userId":"u","properties":{{empty}},"context":{{empty}} }]}""");
        Assert.True(Assert.Single(batch.Events).Body.IsEmpty);
    }

    [Theory]
    [InlineData("userId", 255, null)]
    [InlineData("userId", 256, "field_too_long")]
    [InlineData("messageId", 256, "field_too_long")]
    [InlineData("event", 256, "field_too_long")]
    public void Texts_have_a_maximum_length(string field, int length, string? code)
    {
        var fields = new Dictionary<string, string> { ["userId"] = "u", ["messageId"] = "m", ["event"] = "e", [field] = new string('x', length) };
        var batch = Read($$"""{"batch":[{"type":"track",{{string.Join(',', fields.Select(item => $"\"{item.Key}\":\"{item.Value}\""))}}}]}""");
        Assert.Equal(code, batch.Rejected.SingleOrDefault()?.Code);
    }

    [Fact]
    public void An_event_beyond_the_limit_is_rejected_and_one_at_it_is_taken()
    {
        var shell = """{"type":"page","userId":"u","name":""}""";
        string Event(int bytes) => shell.Replace("\"\"", $"\"\",\"pad\":\"{new string('x', bytes - shell.Length - 9)}\"", StringComparison.Ordinal);
        var batch = Read($$"""{"batch":[{{Event(Limits.EventBytesMax)}},{{Event(Limits.EventBytesMax + 1)}}]}""");
        Assert.Equal("event_too_large", Assert.Single(batch.Rejected).Code);
        Assert.Equal(1, batch.Rejected[0].Index);
    }

    [Fact]
    public void More_events_than_the_limit_refuse_the_request_and_still_yield_the_write_key()
    {
        var events = string.Join(',', Enumerable.Repeat("""{"type":"page","userId":"u"}""", 4));
        var limits = Limits with { RequestEventsMax = 3 };
        var refused = EventBatchReader.Read(Bytes($$"""{"batch":[{{events}}],"writeKey":"wk"}"""), null, limits, TestTime.Noon);
        Assert.Equal(("too_many_events", "wk", 0), (refused.Error?.Code, refused.WriteKey, refused.Events.Length));
        var taken = EventBatchReader.Read(Bytes($$"""{"batch":[{{events}}]}"""), null, Limits with { RequestEventsMax = 4 }, TestTime.Noon);
        Assert.Equal(4, taken.Events.Length);
    }

    [Fact]
    public void An_event_with_a_time_and_no_message_id_gets_the_same_one_every_time_and_another_event_another()
    {
        var first = IdOf("""{"type":"page","userId":"u","timestamp":"2026-03-01T11:00:00Z"}""", "");
        Assert.Equal(first, IdOf("""{"type":"page","userId":"u","timestamp":"2026-03-01T11:00:00Z"}""", ",\"sentAt\":\"2026-03-01T12:00:00Z\""));
        Assert.NotEqual(first, IdOf("""{"type":"page","userId":"u","originalTimestamp":"2026-03-01T11:00:00Z"}""", ""));
        Assert.NotEqual(first, IdOf("""{"type":"page","userId":"v","timestamp":"2026-03-01T11:00:00Z"}""", ""));
        Assert.Matches("^sha256-[0-9a-f]{32}$", first);
    }

    /// <summary>Three views of a page, each sent by a plain call, were once one event.</summary>
    [Theory]
    [InlineData("""{"type":"page","userId":"u"}""")]
    [InlineData("""{"type":"page","userId":"u","messageId":"","timestamp":null}""")]
    [InlineData("""{"type":"page","userId":"u","sentAt":"2026-03-01T12:00:00Z"}""")]
    public void An_event_with_neither_message_id_nor_time_is_a_new_one_each_time(string item) => Assert.NotEqual(IdOf(item, ""), IdOf(item, ""));

    [Theory]
    [InlineData("""{"sentAt":"2026-03-01T15:00:00Z","context":{"ip":"9"},"batch":[{"type":"page","userId":"u","timestamp":"2026-03-01T14:59:00Z"}]}""")]
    [InlineData("""{"batch":[{"type":"page","userId":"u","timestamp":"2026-03-01T14:59:00Z"}],"context":{"ip":"9"},"sentAt":"2026-03-01T15:00:00Z"}""")]
    public void Fields_of_the_envelope_apply_wherever_they_stand(string body)
    {
        var taken = Assert.Single(Read(body).Events);
        Assert.Equal(TestTime.Noon.AddMinutes(-1).ToUnixTimeMilliseconds(), taken.OccurredAtMilliseconds);
        Assert.Equal("""{"ip":"9"}""", Text(taken.Context));
    }

    [Fact]
    public void A_context_merged_into_many_events_cannot_grow_beyond_the_request()
    {
        var events = string.Join(',', Enumerable.Repeat("""{"type":"page","userId":"u","context":{"ip":"1"}}""", 100));
        var context = $$"""{"pad":"{{new string('x', 30_000)}}"}""";
        var batch = Read($$"""{"context":{{context}},"batch":[{{events}}]}""");
        Assert.Equal("context_too_large", batch.Error?.Code);
    }

    [Fact]
    public void Invalid_utf8_is_refused_even_inside_parts_that_are_only_sliced()
    {
        byte[] body = [.. Bytes("""{"batch":[{"type":"page","userId":"u","properties":{"a":" """), 0xC3, 0x28, .. Bytes("\"}}]}")];
        Assert.Equal("invalid_json", EventBatchReader.Read(body, null, Limits, TestTime.Noon).Error?.Code);
    }

    [Fact]
    public void No_prefix_and_no_damaged_byte_of_a_request_makes_the_reader_throw()
    {
        var body = Bytes("""{"writeKey":"k","context":{"a":1},"batch":[{"type":"track","event":"\u00e9","userId":1,"timestamp":"2026-01-01T00:00:00Z","properties":{"x":[1]},"context":{"b":2}}],"sentAt":"2026-01-01T00:00:00Z"}""");
        const int seed = 20260301;
        var random = new Random(seed);
        for (var round = 0; round < 5_000; round++)
        {
            var damaged = body[..random.Next(body.Length + 1)];
            for (var hits = random.Next(3); hits > 0 && damaged.Length > 0; hits--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(128);
            }

            var failure = Record.Exception(() => EventBatchReader.Read(damaged, round % 2 == 0 ? null : EventKind.Track, Limits, TestTime.Noon));
            Assert.True(failure is null, $"seed {seed}, round {round}: {failure} for {Encoding.UTF8.GetString(damaged)}");
        }
    }

    /// <summary>From the request's stream to the events for the router: their strings, and the objects that carry them.</summary>
    [Fact]
    public async Task Reading_a_batch_allocates_at_most_250_bytes_an_event()
    {
        const int events = 100;
        var one = """{"type":"track","event":"Order Completed","userId":"user-48211","messageId":"6f0c5a0e-7f1d-4be8-9a39-5f3f0c7d11##","timestamp":"2026-03-01T11:00:00.000Z","properties":{"order_id":"o-993812","revenue":59.90,"currency":"USD","products":[{"product_id":"p-1881","price":29.95,"quantity":2}]},"context":{"library":{"name":"@segment/analytics-node","version":"3.1.0"},"timezone":"Europe/Berlin"}}""";
        var body = Bytes($$"""{"batch":[{{string.Join(',', Enumerable.Range(0, events).Select(i => one.Replace("##", $"{i:00}", StringComparison.Ordinal)))}}]}""");
        Assert.InRange(body.Length / events, 380, 420);
        var request = new Microsoft.AspNetCore.Http.DefaultHttpContext().Request;
        var (allocated, taken) = (0L, 0);
        for (var round = 0; round < 200; round++)
        {
            request.Body = new MemoryStream(body);
            request.ContentLength = body.Length;
            var before = GC.GetAllocatedBytesForCurrentThread();
            var read = await RequestBody.ReadAsync(request, Limits.RequestBytesMax, mayHold: null, TestContext.Current.CancellationToken);
            using (var batch = EventBatchReader.Read(read.Bytes, null, Limits, TestTime.Noon))
            {
                taken = batch.Events.Length;
            }

            read.Release();
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(events, taken);
        Assert.InRange(allocated / events, 1, 250);
    }

    private static string IdOf(string item, string around) => Assert.Single(Read($$"""{"batch":[{{item}}]{{around}}}""").Events).MessageId;

    private static ReadBatch Read(string body) => EventBatchReader.Read(Bytes(body), null, Limits, TestTime.Noon);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(ReadOnlyMemory<byte> utf8) => Encoding.UTF8.GetString(utf8.Span);
}
