using System.Text;
using System.Text.Json;
using OrleansSegments.ClientApi.Events;
using Xunit;

namespace OrleansSegments.UnitTests.ClientApi;

public sealed class EventTimeTests
{
    private const long Received = 1_000_000_000;
    private const long Tolerance = 60_000;
    private const long None = EventTime.None;

    [Theory]
    [InlineData(None, None, None, Received, "no time: received now")]
    [InlineData(None, None, Received - 5, Received, "only sentAt: received now")]
    [InlineData(None, Received - 500, None, Received - 500, "no sentAt: taken as said")]
    [InlineData(None, Received + 3_600_000 - 500, Received + 3_600_000, Received - 500, "a clock an hour ahead")]
    [InlineData(None, Received - 3_600_000 - 500, Received - 3_600_000, Received - 500, "a clock an hour behind")]
    [InlineData(Received + 3_600_000 - 500, None, Received + 3_600_000, Received - 500, "originalTimestamp is corrected like timestamp")]
    [InlineData(Received - 9_000, Received - 7_000, Received + 500, Received - 7_000, "both: the correction was made before")]
    [InlineData(None, Received + Tolerance, None, Received + Tolerance, "the future, within the tolerance")]
    [InlineData(None, Received + Tolerance + 1, None, Received, "the future, beyond the tolerance")]
    [InlineData(None, 5, Received * 2, 0, "never before 1970")]
    public void The_time_of_an_event_is_corrected_for_the_clients_clock(long original, long timestamp, long sentAt, long expected, string story)
    {
        Assert.True(expected == EventTime.Resolve(original, timestamp, sentAt, Received, Tolerance), story);
    }

    [Theory]
    [InlineData("2026-03-01T12:00:00.000Z")]
    [InlineData("2026-03-01T12:00:00Z")]
    [InlineData("2026-03-01T12:00:00.0000000Z")]
    [InlineData("2026-03-01T12:00:00.000000000Z")]
    [InlineData("2026-03-01T13:00:00+01:00")]
    [InlineData("2026-03-01T12:00:00")]
    [InlineData("2026-03-01 12:00:00")]
    public void Iso_times_are_read_and_one_without_an_offset_is_utc(string text)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes($"\"{text}\""));
        reader.Read();
        Assert.True(EventTime.TryRead(ref reader, out var milliseconds));
        Assert.Equal(TestTime.Noon.ToUnixTimeMilliseconds(), milliseconds);
    }
}
