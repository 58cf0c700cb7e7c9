using System.Text;
using OrleansSegments.Engine.Features;
using Xunit;

namespace OrleansSegments.UnitTests.Features;

/// <summary>The local time of day of events compared with .NET's conversion, above all around clock changes.</summary>
public sealed class LocalTimeOfDayTests
{
    private const string Zones = "Europe/Berlin America/New_York Australia/Lord_Howe Asia/Kathmandu America/St_Johns UTC Pacific/Apia Africa/Casablanca";

    private static readonly FeatureCatalogue Catalogue = FeatureCatalogue.Load(Encoding.UTF8.GetBytes(
        """
        {"version": 1, "features": [{"name": "cos", "kind": "behavioural", "aggregation": "hourCos", "events": ["*"], "halfLifeDays": 9,
        "weight": 1, "unit": "u", "high": "h", "low": "l"}]}
        """));

    [Fact]
    public void An_event_happens_at_the_local_time_that_its_zone_had_then()
    {
        var customer = new CustomerUnderTest(Catalogue);
        for (int seed = 0; seed < 1_000; seed++)
        {
            var random = new Random(seed);
            string name = Zones.Split(' ')[random.Next(Zones.Split(' ').Length)];
            TimeZoneInfo zone = TimeZoneInfo.FindSystemTimeZoneById(name);
            DateTime utc = Moment(random, zone);
            long at = new DateTimeOffset(utc).ToUnixTimeMilliseconds();
            double expected = Math.Cos(Math.Tau * TimeZoneInfo.ConvertTimeFromUtc(utc, zone).TimeOfDay.TotalDays);

            customer.State = [];
            customer.Receive([new TestEvent(Engine.Features.EventType.Page, "Home", $"m{seed}", at, "{}", $$"""{"timezone":"{{name}}"}""")]);

            Assert.True(Math.Abs(expected - customer.Natural("cos", at)) < 1e-9, $"seed {seed}: {utc:O} in {name}");
        }
    }

    /// <summary>Half of the moments lie within an hour of a clock change.</summary>
    private static DateTime Moment(Random random, TimeZoneInfo zone)
    {
        DateTime utc = DateTime.UnixEpoch.AddMilliseconds(TestEvent.Start + random.NextInt64(400 * TestEvent.Day));
        bool seeksChange = random.Next(2) == 0;
        for (int hour = 0; seeksChange && hour < 24 * 200; hour++)
        {
            if (zone.GetUtcOffset(utc) != zone.GetUtcOffset(utc.AddHours(1)))
            {
                return utc.AddMilliseconds(random.NextInt64(TestEvent.Hour));
            }

            utc = utc.AddHours(1);
        }

        return utc;
    }
}
