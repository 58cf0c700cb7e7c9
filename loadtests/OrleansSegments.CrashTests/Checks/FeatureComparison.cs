using System.Text.Json.Nodes;
using OrleansSegments.CrashTests.Http;

namespace OrleansSegments.CrashTests.Checks;

/// <summary>
/// Compares customers of two silos feature by feature. Features change with time and a query cannot specify its moment, but each answer
/// states it. So the clean silo is queried shortly before and after the other one, and its values are interpolated linearly: with the
/// shortest half-life allowed in a catalogue, 864 s, the error over <see cref="ApartMax"/> is at most (0.05 ln 2 / 864)^2 / 8, or 2e-10 of
/// the value.
/// </summary>
internal sealed class FeatureComparison(SegmentsApi api, SegmentsApi clean)
{
    private const double Relative = 1e-9;

    /// <summary>Smaller features have no influence: a decayed sum may fade in one order of events and be dropped in another.</summary>
    private const double Negligible = 1e-12;

    private const int AttemptsMax = 500;
    private const int CustomersAtOnce = 4;

    /// <summary>Maximum distance of the clean silo's two answers.</summary>
    private static readonly TimeSpan ApartMax = TimeSpan.FromMilliseconds(50);

    private static readonly string[] Fields = ["eventCount", "firstEventAt", "lastEventAt", "traits"];

    public async Task<Findings> CompareAsync(IEnumerable<string> customerIds)
    {
        var findings = new Findings();
        await Parallel.ForEachAsync(customerIds, new ParallelOptions { MaxDegreeOfParallelism = CustomersAtOnce }, async (id, _) =>
        {
            (JsonObject own, JsonObject before, JsonObject after) = await AskAsync(SegmentsApi.CustomerPath(id));
            lock (findings)
            {
                Compare(own, before, after, findings);
            }
        });
        return findings;
    }

    /// <summary>Pure, so that tests can show that it finds differences.</summary>
    internal static void Compare(JsonObject own, JsonObject before, JsonObject after, Findings findings)
    {
        foreach (string field in Fields.Where(field => !JsonNode.DeepEquals(own[field], before[field])))
        {
            findings.Add(FindingKind.FeatureDiffers, $"{own["id"]}: {field} is {own[field]?.ToJsonString()}, the clean run has {before[field]?.ToJsonString()}.");
        }

        double length = (MomentOf(after) - MomentOf(before)).TotalMilliseconds;
        double share = length > 0 ? (MomentOf(own) - MomentOf(before)).TotalMilliseconds / length : 0;
        JsonObject features = own["features"]!.AsObject();
        JsonObject first = before["features"]!.AsObject();
        JsonObject last = after["features"]!.AsObject();
        foreach (string name in features.Concat(first).Select(feature => feature.Key).Distinct(StringComparer.Ordinal))
        {
            double? mine = (double?)features[name];
            double? theirs = (double?)first[name] + (((double?)last[name] - (double?)first[name]) * share);
            if (!AreEqual(mine, theirs))
            {
                findings.Add(FindingKind.FeatureDiffers, $"{own["id"]}: {name} is {mine:R} at {own["asOf"]}, the clean run has {theirs:R} at that moment.");
            }
        }
    }

    private static bool AreEqual(double? mine, double? theirs) => mine is not { } a || theirs is not { } b
        ? mine is null && theirs is null
        : Math.Abs(a - b) <= Math.Max(Relative * Math.Max(Math.Abs(a), Math.Abs(b)), Negligible);

    private async Task<(JsonObject Own, JsonObject Before, JsonObject After)> AskAsync(string path)
    {
        JsonObject before = await clean.QueryAsync(path);
        for (int attempt = 0; attempt < AttemptsMax; attempt++)
        {
            JsonObject own = await api.QueryAsync(path);
            JsonObject after = await clean.QueryAsync(path);
            if (MomentOf(before) <= MomentOf(own) && MomentOf(own) <= MomentOf(after) && MomentOf(after) - MomentOf(before) <= ApartMax)
            {
                return (own, before, after);
            }

            before = after;
        }

        throw new TimeoutException(
            $"GET {path} was asked {AttemptsMax} times of both silos in turn and never within {ApartMax.TotalMilliseconds} ms: they are too busy, or their clocks stand apart.");
    }

    /// <summary>Features are computed at whole milliseconds.</summary>
    private static DateTimeOffset MomentOf(JsonObject customer) =>
        DateTimeOffset.FromUnixTimeMilliseconds(((DateTimeOffset)customer["asOf"]!).ToUnixTimeMilliseconds());
}
