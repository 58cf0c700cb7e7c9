using System.Text.Json.Nodes;
using OrleansSegments.EndToEndTests.Http;
using OrleansSegments.EndToEndTests.Waiting;

namespace OrleansSegments.EndToEndTests.Crashes;

/// <summary>Checks over HTTP alone that nobody is lost, counted twice or counted in the wrong place.</summary>
internal static class Conservation
{
    private const int PageSize = 97;
    private const int RequestsAtOnce = 8;

    private static readonly TimeSpan SettlesWithin = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Waits for the roll-out to end, then: the sizes add up to the population; each size is the number of members that paging finds; nobody
    /// is a member twice; every member says so himself. Returns the members.
    /// </summary>
    public static async Task<HashSet<string>> CheckAsync(SegmentsApi api)
    {
        await RolledOutAsync(api);

        // Time alone may move a customer while the pages are read; only a reading with nothing in between can be judged.
        var members = new Dictionary<string, List<string>>();
        JsonObject census = [];
        await Eventually.HoldsAsync("no transition while members are read", SettlesWithin, async () =>
        {
            census = await api.QueryAsync("/v1/segments");
            members = [];
            foreach (JsonNode? segment in census["segments"]!.AsArray())
            {
                string id = (string)segment!["id"]!;
                members[id] = await api.MembersAsync(id, PageSize);
            }

            return (long)census["sequence"]! == (long)(await api.QueryAsync("/v1/segments"))["sequence"]!;
        });

        JsonArray segments = census["segments"]!.AsArray();
        Assert.Equal((long)census["population"]!, segments.Sum(s => (long)s!["size"]!));
        Assert.All(segments, s => Assert.Equal((long)s!["size"]!, members[(string)s["id"]!].Count));
        var everyone = members.Values.SelectMany(m => m).ToHashSet();
        Assert.Equal((long)census["population"]!, everyone.Count);
        await CheckOwnWordsAsync(api, members, (int)census["modelVersion"]!);
        return everyone;
    }

    /// <summary>Waits until everybody was evaluated under the current model.</summary>
    public static async Task RolledOutAsync(SegmentsApi api)
    {
        JsonObject rollout = [];
        await Eventually.HoldsAsync(
            "the roll-out is complete",
            SettlesWithin,
            async () => (bool)(rollout = await api.QueryAsync("/v1/model/rollout"))["complete"]!,
            () => rollout.ToJsonString());
    }

    /// <summary>The events of every customer that took effect.</summary>
    public static async Task<Dictionary<string, long>> EventCountsAsync(SegmentsApi api, IEnumerable<string> customerIds)
    {
        var counts = new Dictionary<string, long>();
        await Parallel.ForEachAsync(customerIds, new ParallelOptions { MaxDegreeOfParallelism = RequestsAtOnce }, async (id, _) =>
        {
            long count = await api.EventCountAsync(id);
            lock (counts)
            {
                counts[id] = count;
            }
        });
        return counts;
    }

    private static async Task CheckOwnWordsAsync(SegmentsApi api, Dictionary<string, List<string>> members, int modelVersion)
    {
        IEnumerable<(string Segment, string Customer)> pairs = members.SelectMany(m => m.Value, (m, customer) => (m.Key, customer));
        await Parallel.ForEachAsync(pairs, new ParallelOptions { MaxDegreeOfParallelism = RequestsAtOnce }, async (pair, _) =>
        {
            JsonObject customer = await api.QueryAsync($"/v1/customers/{pair.Customer}");
            Assert.Equal(pair.Segment, (string?)customer["segment"]!["id"]);
            Assert.Equal(modelVersion, (int)customer["segment"]!["modelVersion"]!);
        });
    }
}
