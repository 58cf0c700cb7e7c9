using System.Text.Json.Nodes;
using OrleansSegments.CrashTests.Checks;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.CrashTests.Load;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.CrashTests.Runs;

/// <summary>
/// Creates customers that time alone should move at the next whole minute, according to their own explanation, and checks that it did.
/// Deadlines are whole minutes.
/// </summary>
internal sealed class DueCustomers
{
    private const int Count = 150;
    private const int TrialsMax = 30;
    private const int RequestsAtOnce = 4;
    private const int BatchEvents = 1_000;

    /// <summary>Numbers of visits to try: how many a customer needs to stand out depends on what the others have by now.</summary>
    private static readonly int[] Visits = [12, 48, 200];

    /// <summary>Enough time to find the required age of visits and to create all customers.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MovedWithin = TimeSpan.FromSeconds(15);

    private readonly SegmentsApi _api;
    private readonly SenderLedger _ledger;
    private readonly string _name;
    private readonly HashSet<string> _due = new(StringComparer.Ordinal);
    private long _sequence;
    private int _made;

    private DueCustomers(SegmentsApi api, SenderLedger ledger, string name)
    {
        _api = api;
        _ledger = ledger;
        _name = name;
        DateTimeOffset soonest = TimeProvider.System.GetUtcNow() + Ahead;
        Moment = new DateTimeOffset(soonest.UtcTicks - (soonest.UtcTicks % Minute.Ticks), TimeSpan.Zero) + Minute;
    }

    /// <summary>Their deadline.</summary>
    public DateTimeOffset Moment { get; }

    /// <summary>
    /// Creates customers that are due at the next whole minute; null when under the present model no segment is left so soon.
    /// </summary>
    /// <param name="name">Prefix of their ids; must be new.</param>
    public static async Task<DueCustomers?> TryMakeAsync(SegmentsApi api, SenderLedger ledger, string name)
    {
        var customers = new DueCustomers(api, ledger, name);
        foreach (int visits in Visits)
        {
            if (await customers.TryFindAgeAsync(visits) is { } age)
            {
                await customers.MakeAsync(visits, age);
                return customers;
            }
        }

        return null;
    }

    /// <summary>After the deadline, everybody must move without being queried; only the transition log is read.</summary>
    public async Task<Findings> CheckMovedAsync()
    {
        HashSet<string> moved = [];
        var findings = new Findings();
        if (!await Condition.ComesToHoldAsync(async () => (moved = await ReadMovedAsync()).IsSupersetOf(_due), MovedWithin))
        {
            foreach (string customerId in _due.Except(moved))
            {
                findings.Add(FindingKind.DueMissed, $"{customerId} was due at {Moment:O} and has not moved {MovedWithin} later.");
            }
        }

        return findings;
    }

    /// <summary>
    /// Finds how long before the deadline the visits must lie so that their customer leaves its segment in the minute before. With visits
    /// that are too old the customer has already left; with visits that are too recent it leaves later and reports when, which is the next
    /// guess.
    /// </summary>
    private async Task<TimeSpan?> TryFindAgeAsync(int visits)
    {
        // Visits in the future would count as made on arrival, which differs in every run.
        TimeSpan tooYoung = Moment - TimeProvider.System.GetUtcNow();
        TimeSpan? tooOld = null;
        TimeSpan age = tooYoung;
        string? first = null;
        for (int trial = 0; trial < TrialsMax; trial++)
        {
            string id = NextId();
            await SendAsync([id], visits, Moment - age);
            (string segment, DateTimeOffset? dueAt) = await AskAsync(id);
            first ??= segment;
            if (segment != first)
            {
                tooOld = age;
            }
            else if (dueAt is not { } leaves)
            {
                break;
            }
            else if (leaves == Moment)
            {
                return age;
            }
            else
            {
                tooYoung = age;
                age += leaves - Moment;
            }

            age = age > tooYoung && (tooOld is null || age < tooOld) ? age : (tooYoung + tooOld!.Value) / 2;
        }

        return null;
    }

    private async Task MakeAsync(int visits, TimeSpan age)
    {
        string[] made = [.. Enumerable.Range(0, Count).Select(_ => NextId())];
        await SendAsync(made, visits, Moment - age);
        _sequence = (long)(await _api.QueryAsync("/v1/segments"))["sequence"]!;
        await Parallel.ForEachAsync(made, new ParallelOptions { MaxDegreeOfParallelism = RequestsAtOnce }, async (id, _) =>
        {
            if ((await AskAsync(id)).DueAt == Moment)
            {
                lock (_due)
                {
                    _due.Add(id);
                }
            }
        });
    }

    private string NextId() => $"{_name}-{_made++}";

    private Task SendAsync(string[] customerIds, int count, DateTimeOffset at)
    {
        IEnumerable<BatchedEvent> visits = customerIds.SelectMany(
            id => Enumerable.Range(0, count).Select(visit => LiveVisits.Make(id, $"{id}-{visit}", at)));
        return LoadSenders.SettleAsync(_api, EventBatch.Split(visits, BatchEvents), _ledger, RequestsAtOnce, CancellationToken.None);
    }

    private async Task<(string Segment, DateTimeOffset? DueAt)> AskAsync(string customerId)
    {
        JsonObject explanation = await _api.QueryAsync($"{SegmentsApi.CustomerPath(customerId)}/explanation");
        return ((string)explanation["effective"]!["id"]!, (DateTimeOffset?)explanation["dueAt"]);
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
