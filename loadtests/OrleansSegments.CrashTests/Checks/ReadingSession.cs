using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using OrleansSegments.CrashTests.Http;

namespace OrleansSegments.CrashTests.Checks;

/// <summary>Reads everything that one check needs, only over HTTP.</summary>
internal sealed class ReadingSession(SegmentsApi api)
{
    /// <summary>A prime, so that pages end at irregular places.</summary>
    private const int PageSize = 97;

    private const int RequestsAtOnce = 8;

    public async Task<Reading> ReadAsync(IEnumerable<string> customerIds)
    {
        List<Change> log = await ReadLogAsync([]);
        int logBefore = log.Count;
        JsonObject census = await api.QueryAsync("/v1/segments");
        var sizes = census["segments"]!.AsArray().ToDictionary(segment => (string)segment!["id"]!, segment => (long)segment!["size"]!, StringComparer.Ordinal);
        Dictionary<string, List<string>> members = await ReadMembersAsync(sizes.Keys.Union(log.Select(change => change.To).OfType<string>()).ToArray());
        Dictionary<string, CustomerReading> customers = await ReadCustomersAsync(customerIds.Union(members.Values.SelectMany(ids => ids)).ToArray());
        return new Reading
        {
            Log = await ReadLogAsync(log),
            LogBefore = logBefore,
            CensusSequence = (long)census["sequence"]!,
            Population = (long)census["population"]!,
            ModelVersion = (int)census["modelVersion"]!,
            Sizes = sizes,
            Members = members,
            Customers = customers,
        };
    }

    /// <summary>Reads the log from where it was read to.</summary>
    private async Task<List<Change>> ReadLogAsync(IReadOnlyList<Change> known)
    {
        List<Change> log = [.. known];
        while (true)
        {
            IReadOnlyList<Change> page = await api.ReadChangesAsync(log.Count == 0 ? 0 : log[^1].Sequence);
            if (page.Count == 0)
            {
                return log;
            }

            log.AddRange(page);
        }
    }

    private async Task<Dictionary<string, List<string>>> ReadMembersAsync(string[] segmentIds)
    {
        var members = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (string segmentId in segmentIds)
        {
            members[segmentId] = await api.MembersAsync(segmentId, PageSize);
        }

        return members;
    }

    private async Task<Dictionary<string, CustomerReading>> ReadCustomersAsync(string[] customerIds)
    {
        var customers = new ConcurrentDictionary<string, CustomerReading>(StringComparer.Ordinal);
        await Parallel.ForEachAsync(customerIds, new ParallelOptions { MaxDegreeOfParallelism = RequestsAtOnce }, async (id, _) =>
        {
            if (await api.TryQueryAsync(SegmentsApi.CustomerPath(id)) is { } customer)
            {
                JsonNode segment = customer["segment"]!;
                customers[id] = new CustomerReading((long)customer["eventCount"]!, (string)segment["id"]!, (int)segment["modelVersion"]!);
            }
        });
        return new(customers, StringComparer.Ordinal);
    }
}

/// <summary>
/// Everything read for one check. Customers may move during the reading, by time alone or because senders continue; the log was read before
/// and after, so it is known who moved, and everybody else must be in one segment according to all answers.
/// </summary>
internal sealed record Reading
{
    /// <summary>The whole log, read until after everything else.</summary>
    public required IReadOnlyList<Change> Log { get; init; }

    /// <summary>Length of <see cref="Log"/> before anything else was read.</summary>
    public required int LogBefore { get; init; }

    /// <summary>The last transition included in the census.</summary>
    public required long CensusSequence { get; init; }

    public required long Population { get; init; }

    public required int ModelVersion { get; init; }

    public required IReadOnlyDictionary<string, long> Sizes { get; init; }

    /// <summary>Members by segment, in the order of the pages.</summary>
    public required IReadOnlyDictionary<string, List<string>> Members { get; init; }

    /// <summary>Only customers that exist.</summary>
    public required IReadOnlyDictionary<string, CustomerReading> Customers { get; init; }

    /// <summary>True when nobody moved during the reading.</summary>
    public bool IsStill => Log.Count == LogBefore;
}

/// <summary>A customer's own answer.</summary>
internal sealed record CustomerReading(long EventCount, string SegmentId, int ModelVersion);
