using OrleansSegments.Contracts.Events;
using OrleansSegments.Tools.Imports;
using Xunit;

namespace OrleansSegments.ClusterTests.Imports;

public sealed class NdjsonReaderTests
{
    [Fact]
    public void Every_kind_of_event_is_read_in_the_order_of_the_file()
    {
        var sample = Read(
            """
            {"type":"track","event":"Order Completed","userId":"a","messageId":"1","timestamp":"2024-05-01T10:00:00.250Z","properties":{ "total" : 5 },"context":{"locale":"en"}}
            {"type":"identify","userId":"a","messageId":"2","timestamp":"2024-05-01T12:00:00+02:00","traits":{"age":3},"properties":{"x":1}}
            {"type":"page","anonymousId":"b","messageId":"3","originalTimestamp":"2024-05-01T09:00:00","name":"Home","properties":null}
            {"type":"screen","userId":"a","anonymousId":"b","messageId":"4","timestamp":"2024-05-01T10:00:00Z","name":"Start"}
            {"type":"group","userId":77,"messageId":"5","timestamp":"2024-05-01T10:00:00Z","traits":{"plan":"x"}}
            {"type":"alias","userId":"a","previousId":"b","messageId":"6","timestamp":"2024-05-01T10:00:00Z"}
            """);

        var events = sample.Events.Select(replayed => replayed.Event).ToList();
        Assert.Equal(
            [EventKind.Track, EventKind.Identify, EventKind.Page, EventKind.Screen, EventKind.Group, EventKind.Alias],
            events.Select(customerEvent => customerEvent.Kind));
        Assert.Equal(["a", "a", "b", "a", "77", "a"], events.Select(customerEvent => customerEvent.CustomerId));
        Assert.Equal(["Order Completed", null, "Home", "Start", null, null], events.Select(customerEvent => customerEvent.Name));
        Assert.Equal(
            ["""{ "total" : 5 }""", """{"age":3}""", "", "", """{"plan":"x"}""", """{"previousId":"b"}"""],
            events.Select(customerEvent => ImportSample.Text(customerEvent.Body)));
        Assert.Equal("""{"locale":"en"}""", ImportSample.Text(events[0].Context));
        var tenOClock = new DateTimeOffset(2024, 5, 1, 10, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
        Assert.Equal([250L, 0, -3_600_000, 0, 0, 0], events.Select(customerEvent => customerEvent.OccurredAtMilliseconds - tenOClock));
        Assert.Equal((6, 3, 1), (sample.Counters.LinesRead, sample.Counters.Customers, sample.Counters.Orders));
    }

    [Theory]
    [InlineData("not json", "invalid json")]
    [InlineData("[1]", "invalid json")]
    [InlineData("""{"type":"track","event":"E","userId":"a","timestamp":"2024-05-01T10:00:00Z"} {} x""", "invalid json")]
    [InlineData("""{"type":"track","event":"E","userId":"a","timestamp":"2024-05-01T10:00:00Z" """, "invalid json")]
    [InlineData("""{"type":"track","event":"\ud800","userId":"a","timestamp":"2024-05-01T10:00:00Z"}""", "invalid field")]
    [InlineData("""{"event":"E","userId":"a","timestamp":"2024-05-01T10:00:00Z"}""", "invalid type")]
    [InlineData("""{"type":"drop","userId":"a","timestamp":"2024-05-01T10:00:00Z"}""", "invalid type")]
    [InlineData("""{"type":"track","event":"E","userId":"","timestamp":"2024-05-01T10:00:00Z"}""", "missing user id")]
    [InlineData("""{"type":"track","userId":"a","timestamp":"2024-05-01T10:00:00Z"}""", "missing event")]
    [InlineData("""{"type":"track","event":"E","userId":"a"}""", "missing timestamp")]
    [InlineData("""{"type":"track","event":"E","userId":"a","timestamp":"yesterday"}""", "invalid timestamp")]
    [InlineData("""{"type":"track","event":"E","userId":"a","timestamp":"1969-05-01T10:00:00Z"}""", "invalid timestamp")]
    [InlineData("""{"type":"track","event":"E","userId":"a","timestamp":{"a":[1]}}""", "invalid timestamp")]
    [InlineData("""{"type":"track","event":"E","userId":"a","timestamp":"2024-05-01T10:00:00Z","properties":[1]}""", "invalid field")]
    [InlineData("""{"type":"track","event":"E","userId":"a","timestamp":"2024-05-01T10:00:00Z","context":"x"}""", "invalid field")]
    [InlineData(" ", SkipReasons.BlankLine)]
    public void A_line_that_is_not_an_event_is_counted_with_its_reason_and_does_not_affect_others(string line, string reason)
    {
        var sample = Read($"{Event("first")}\n{line}\n{Event("last")}");

        Assert.Equal([new KeyValuePair<string, long>(reason, 1)], sample.Counters.LinesSkipped);
        Assert.Equal(["first", "last"], sample.Events.Select(replayed => replayed.Event.MessageId));
        Assert.Equal([1L, 3L], sample.Events.Select(replayed => replayed.Line));
    }

    /// <summary>Regression: all of these ended with success and without an event.</summary>
    [Fact]
    public void Arrays_requests_and_objects_over_several_lines_are_read()
    {
        var (one, two) = (Event("one"), Event("two"));
        string[] files =
        [
            $"[{one},{two}]", $"[\n{one},\n{two}\n]\n", $"{one}{two}", $"{one} {two}\n", $"{{\"batch\":[{one},{two}]}}", $"{{\"batch\":[\n{one},\n{two}\n]}}",
            $"{Pretty(one)}\n{Pretty(two)}\n", $"[\r\n{Pretty(one)},\r\n{Pretty(two)}\r\n]\r\n", $"[{Pretty(one)},\n{Pretty(two)}]", $"{one},\n{two},\n",
        ];

        Assert.All(files, file =>
        {
            var sample = Read(file);
            Assert.Equal(["one", "two"], sample.Events.Select(replayed => replayed.Event.MessageId));
            Assert.Equal((2, 0), (sample.Counters.LinesRead, sample.Counters.LinesSkippedTotal));
        });

        static string Pretty(string json) => json.Replace("{", "{\n  ", StringComparison.Ordinal).Replace(",", ",\n  ", StringComparison.Ordinal).Replace("}", "\n}", StringComparison.Ordinal);
    }

    [Fact]
    public void A_cut_object_spoils_its_own_line_only()
    {
        var sample = Read($"{Event("first")[..^4]}\n{Event("second")}\n{{\"type\":\"track\",\n{Event("third")}\n");

        Assert.Contains("second", sample.Events.Select(replayed => replayed.Event.MessageId));
        Assert.Equal("invalid json", Assert.Single(sample.Counters.LinesSkipped).Key);
        Assert.Equal(sample.Counters.LinesRead, sample.Events.Count + sample.Counters.LinesSkippedTotal);
    }

    [Fact]
    public void A_table_is_no_list_of_events_and_most_of_it_is_skipped()
    {
        var sample = Read("a,b\n1,2\n3,4\n");

        Assert.True(sample.Counters is { IsComplete: true, SkippedMost: true });
        Assert.Equal("  line 1: invalid json: a,b", sample.Counters.ShowFirst().Split(Environment.NewLine)[0]);
    }

    [Fact]
    public void Half_of_the_lines_may_be_skipped_and_blank_ones_do_not_matter()
    {
        Assert.False(Read($"x\n{Event("1")}\n").Counters.SkippedMost);
        Assert.True(Read($"x\ny\n{Event("1")}\n").Counters.SkippedMost);
        Assert.False(Read($"\n\n\n{Event("1")}\n").Counters.SkippedMost);
    }

    [Fact]
    public void Ids_that_are_too_long_are_counted()
    {
        var sample = Read($"{Event("m", new string('u', 256))}\n{Event(new string('m', 256))}\n{Event("m", new string('u', 255))}");

        Assert.Equal([new KeyValuePair<string, long>("field too long", 2)], sample.Counters.LinesSkipped);
        Assert.Single(sample.Events);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(5_000_000, 0)]
    public void A_line_of_one_mebibyte_is_read_and_a_longer_one_is_counted(int extraBytes, int read)
    {
        const int limit = 1 << 20;
        var line = $$$"""{"type":"track","event":"E","userId":"a","messageId":"big","timestamp":"2024-05-01T10:00:00Z","properties":{"x":"{{{"@"}}}"}}""";
        line = line.Replace("@", new string('x', limit + extraBytes - line.Length + 1), StringComparison.Ordinal);

        var sample = Read($"{Event("first")}\r\n{line}\r\n{Event("last")}\r\n");

        Assert.Equal(read == 1 ? ["first", "big", "last"] : ["first", "last"], sample.Events.Select(replayed => replayed.Event.MessageId));
        Assert.Equal(1 - read, sample.Counters.LinesSkipped.GetValueOrDefault(SkipReasons.LineTooLong));
    }

    [Fact]
    public void An_event_without_a_message_id_gets_the_same_one_whenever_it_is_read()
    {
        const string line = """{"type":"track","event":"E","userId":"a","timestamp":"2024-05-01T10:00:00Z"}""";

        var first = Read(line);
        var second = Read($"{Event("x")}\n{line}\n{line.Replace("\"a\"", "\"b\"", StringComparison.Ordinal)}");

        Assert.StartsWith("sha256-", first.Events[0].Event.MessageId, StringComparison.Ordinal);
        Assert.Equal(first.Events[0].Event.MessageId, second.Events[1].Event.MessageId);
        Assert.NotEqual(second.Events[1].Event.MessageId, second.Events[2].Event.MessageId);
    }

    private static string Event(string messageId, string userId = "a") =>
        $$"""{"type":"track","event":"E","userId":"{{userId}}","messageId":"{{messageId}}","timestamp":"2024-05-01T10:00:00Z"}""";

    private static ImportSample Read(string lines) => ImportSample.Read("events-ndjson", lines);
}
