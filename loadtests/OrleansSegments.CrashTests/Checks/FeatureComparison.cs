using System.Text.Json.Nodes;
using OrleansSegments.CrashTests.Http;

namespace OrleansSegments.CrashTests.Checks;

/// <summary>
/// Compares customers of two silos feature by feature. Features move with time, so both must speak of the same moment, and nobody can be told
/// which: an answer names the millisecond that it was computed at. Both are asked again and again until they have named the same one.
/// </summary>
internal sealed class FeatureComparison(SegmentsApi api, SegmentsApi clean)
{
    private const double Relative = 1e-9;

    /// <summary>Below this a feature has no influence on anything: a decayed sum may fade in one order of events and be dropped in another.</summary>
    private const double Negligible = 1e-12;

    private const int AttemptsMax = 2_000;
    private const int CustomersAtOnce = 3;

    public async Task<Findings> CompareAsync(IEnumerable<string> customerIds)
    {
        var findings = new Findings();
        await Parallel.ForEachAsync(customerIds, new ParallelOptions { MaxDegreeOfParallelism = CustomersAtOnce }, async (id, _) =>
        {
            (JsonObject own, JsonObject expected) = await AtOneMomentAsync(SegmentsApi.CustomerPath(id));
            lock (findings)
            {
                Compare(id, own, expected, findings);
            }
        });
        return findings;
    }

    /// <summary>Pure, so that it can be shown to fail.</summary>
    internal static void Compare(string customerId, JsonObject own, JsonObject expected, Findings findings)
    {
        foreach (string field in (string[])["eventCount", "firstEventAt", "lastEventAt", "traits"])
        {
            if (!JsonNode.DeepEquals(own[field], expected[field]))
            {
                findings.Add(FindingKind.FeatureDiffers, $"{customerId}: {field} is {own[field]?.ToJsonString()}, the clean run has {expected[field]?.ToJsonString()}.");
            }
        }

        JsonObject ownFeatures = own["features"]!.AsObject();
        JsonObject expectedFeatures = expected["features"]!.AsObject();
        foreach (string name in ownFeatures.Concat(expectedFeatures).Select(feature => feature.Key).Distinct(StringComparer.Ordinal))
        {
            double? mine = (double?)ownFeatures[name];
            double? theirs = (double?)expectedFeatures[name];
            if (!AreEqual(mine, theirs))
            {
                findings.Add(FindingKind.FeatureDiffers, $"{customerId}: {name} is {mine:R} at {own["asOf"]}, the clean run has {theirs:R} at the same moment.");
            }
        }
    }

    private static bool AreEqual(double? mine, double? theirs) => mine is not { } a || theirs is not { } b
        ? mine is null && theirs is null
        : Math.Abs(a - b) <= Math.Max(Relative * Math.Max(Math.Abs(a), Math.Abs(b)), Negligible);

    private async Task<(JsonObject Own, JsonObject Expected)> AtOneMomentAsync(string path)
    {
        var own = new Dictionary<long, JsonObject>();
        var expected = new Dictionary<long, JsonObject>();
        for (int attempt = 0; attempt < AttemptsMax; attempt++)
        {
            Task<JsonObject> asked = api.QueryAsync(path);
            Task<JsonObject> askedClean = clean.QueryAsync(path);
            (JsonObject mine, JsonObject theirs) = (await asked, await askedClean);
            own[MomentOf(mine)] = mine;
            expected[MomentOf(theirs)] = theirs;
            if (own.Keys.FirstOrDefault(expected.ContainsKey) is var moment and not 0)
            {
                return (own[moment], expected[moment]);
            }
        }

        throw new TimeoutException($"GET {path} was asked {AttemptsMax} times of both silos and they never named the same millisecond; their clocks stand apart.");
    }

    private static long MomentOf(JsonObject customer) => ((DateTimeOffset)customer["asOf"]!).ToUnixTimeMilliseconds();
}
