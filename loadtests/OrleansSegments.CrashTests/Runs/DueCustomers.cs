using OrleansSegments.CrashTests.Checks;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.CrashTests.Waiting;

namespace OrleansSegments.CrashTests.Runs;

/// <summary>Customers whom the passing of time alone will move, as they say of themselves, and whether it did.</summary>
internal sealed class DueCustomers
{
    private const int RequestsAtOnce = 8;

    /// <summary>Far enough to be waited for.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromMilliseconds(300);

    private static readonly TimeSpan MovedWithin = TimeSpan.FromSeconds(15);

    private readonly SegmentsApi _api;
    private readonly List<(string CustomerId, DateTimeOffset At)> _due;
    private readonly long _sequence;

    private DueCustomers(SegmentsApi api, List<(string CustomerId, DateTimeOffset At)> due, long sequence)
    {
        _api = api;
        _due = due;
        _sequence = sequence;
    }

    /// <summary>When the first of them is due; null when nobody is.</summary>
    public DateTimeOffset? First => _due.Count == 0 ? null : _due.Min(due => due.At);

    public static async Task<DueCustomers> AskAsync(SegmentsApi api, IEnumerable<string> customerIds)
    {
        long sequence = (long)(await api.QueryAsync("/v1/segments"))["sequence"]!;
        var due = new List<(string, DateTimeOffset)>();
        await Parallel.ForEachAsync(customerIds, new ParallelOptions { MaxDegreeOfParallelism = RequestsAtOnce }, async (id, _) =>
        {
            if ((await api.TryQueryAsync($"{SegmentsApi.CustomerPath(id)}/explanation"))?["dueAt"] is { } at)
            {
                lock (due)
                {
                    due.Add((id, (DateTimeOffset)at));
                }
            }
        });
        due.RemoveAll(customer => customer.Item2 < TimeProvider.System.GetUtcNow() + Ahead);
        return new DueCustomers(api, due, sequence);
    }

    /// <summary>Everybody who is due by now must move without being asked; the transition log is all that is looked at.</summary>
    public async Task<Findings> CheckMovedAsync()
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        string[] expected = [.. _due.Where(due => due.At <= now).Select(due => due.CustomerId)];
        HashSet<string> moved = [];
        var findings = new Findings();
        if (!await Eventually.TryHoldsAsync(MovedWithin, async () => (moved = await ReadMovedAsync()).IsSupersetOf(expected)))
        {
            foreach (string customerId in expected.Except(moved))
            {
                findings.Add(FindingKind.DueMissed, $"{customerId} was due before {now:O} and has not moved {MovedWithin} later.");
            }
        }

        return findings;
    }

    private async Task<HashSet<string>> ReadMovedAsync()
    {
        var moved = new HashSet<string>(StringComparer.Ordinal);
        long after = _sequence;
        while (await _api.ReadChangesAsync(after) is { Count: > 0 } page)
        {
            moved.UnionWith(page.Select(change => change.CustomerId));
            after = page[^1].Sequence;
        }

        return moved;
    }
}
