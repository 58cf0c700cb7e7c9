using System.Text;
using System.Text.Json.Nodes;

namespace OrleansSegments.CrashTests.Load;

/// <summary>
/// Visits of this very hour, and a feature that forgets them within the hour. The built-in features move over days; with this one, customers
/// come due while a run of some minutes watches.
/// </summary>
internal static class LiveVisits
{
    private const string EventName = "Live Visit";

    /// <summary>The shortest half-life that a catalogue may name, about a quarter of an hour.</summary>
    private const double HalfLifeDays = 0.01;

    /// <summary>Adds the feature to a catalogue.</summary>
    public static string AddTo(string catalogue)
    {
        JsonObject json = JsonNode.Parse(catalogue)!.AsObject();
        json["features"]!.AsArray().Add(new JsonObject
        {
            ["name"] = "live_visits",
            ["kind"] = "behavioural",
            ["aggregation"] = "decayedCount",
            ["events"] = new JsonArray(EventName),
            ["halfLifeDays"] = HalfLifeDays,
            ["transform"] = "log1p",
            ["weight"] = 2,
            ["unit"] = "visits",
            ["high"] = "here right now",
            ["low"] = "not here",
        });
        return json.ToJsonString();
    }

    /// <summary>One visit. Its time stands in it, so that it is the same whenever it arrives.</summary>
    public static BatchedEvent Make(string customerId, string messageId, DateTimeOffset at) => new(customerId, Encoding.UTF8.GetBytes(
        $"{{\"type\":\"track\",\"event\":\"{EventName}\",\"userId\":\"{customerId}\",\"messageId\":\"{messageId}\","
        + $"\"timestamp\":\"{at.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fff}Z\"}}"));
}
