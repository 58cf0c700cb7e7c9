using System.Diagnostics;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.CrashTests.Load;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.CrashTests.Checks;

/// <summary>
/// Checks a running system against its guarantees. Knows only an address and what the senders know, so a single silo, a cluster and a
/// separate API are the same to it. Follows the change feed from its creation on, through all faults.
/// </summary>
public sealed class Checker : IAsyncDisposable
{
    /// <summary>
    /// A silo of a cluster sees the others' commits within a fraction of a second; only a difference that lasts longer is a finding.
    /// </summary>
    private const int StillReadingsMin = 3;

    private static readonly TimeSpan RollsOutWithin = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AgreesWithin = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ReadAgainAfter = TimeSpan.FromMilliseconds(250);

    private readonly SegmentsApi _api;
    private readonly SenderLedger _ledger;
    private readonly ChangeFollower _follower;
    private IReadOnlyList<Change> _log = [];
    private int _faultsTold;

    public Checker(Uri address, SenderLedger ledger)
    {
        _api = new SegmentsApi(address);
        _ledger = ledger;
        _follower = new ChangeFollower(_api, ledger.NoteFault);
    }

    /// <summary>Customers found by the last check.</summary>
    public int Customers { get; private set; }

    /// <summary>Transitions found by the last check.</summary>
    public int Transitions => _log.Count;

    /// <summary>
    /// The counting checks: no acknowledged event lost, none counted twice; sizes, pages of members, the customers' own answers and the
    /// replayed transition log agree; the log was never rewritten; no sender got a disallowed answer.
    /// </summary>
    public async Task<Findings> CountAsync()
    {
        if (!await Condition.ComesToHoldAsync(IsRolledOutAsync, RollsOutWithin))
        {
            var stuck = new Findings();
            stuck.Add(FindingKind.NotRecovered, $"The roll-out is not complete within {RollsOutWithin}: {await _api.QueryAsync("/v1/model/rollout")}");
            return stuck;
        }

        long startedAt = Stopwatch.GetTimestamp();
        for (int still = 0; ;)
        {
            Change[] followed = _follower.Read();
            (Reading reading, Findings findings) = await ReadAndJudgeAsync();
            still += reading.IsStill ? 1 : 0;
            if (findings.AreNone || still == StillReadingsMin || Stopwatch.GetElapsedTime(startedAt) > AgreesWithin)
            {
                CheckBeginning(reading.Log, _log, "an earlier check", findings);
                CheckBeginning(reading.Log, followed, "who followed the feed", findings);
                AddFaults(findings);
                Customers = reading.Customers.Count;
                _log = reading.Log;
                return findings;
            }

            await Task.Delay(ReadAgainAfter);
        }
    }

    /// <summary>Compares every feature, trait and timestamp of every customer with a system that received the same events once.</summary>
    public Task<Findings> CompareAsync(Uri clean) => CompareAsync(clean, SenderLedger.CountByCustomer(_ledger.Sent).Keys);

    /// <summary>The same for some customers.</summary>
    public async Task<Findings> CompareAsync(Uri clean, IEnumerable<string> customerIds)
    {
        using var cleanApi = new SegmentsApi(clean);
        return await new FeatureComparison(_api, cleanApi).CompareAsync(customerIds);
    }

    /// <summary>Sends acknowledged batches again: every event must be a duplicate.</summary>
    public async Task<Findings> RepeatAsync(IEnumerable<EventBatch> batches)
    {
        var findings = new Findings();
        foreach (EventBatch batch in batches)
        {
            ApiAnswer answer = await _api.PostEventsAsync("/v1/batch", batch.Body);
            if (answer.Status != 200 || (int)answer.Json["duplicates"]! != batch.Events.Count)
            {
                findings.Add(FindingKind.RepeatTookEffect, $"{batch.Events.Count} events were repeated: {answer}");
            }
        }

        return findings;
    }

    public async ValueTask DisposeAsync()
    {
        await _follower.DisposeAsync();
        _api.Dispose();
    }

    private async Task<bool> IsRolledOutAsync() => (bool)(await _api.QueryAsync("/v1/model/rollout"))["complete"]!;

    private async Task<(Reading Reading, Findings Findings)> ReadAndJudgeAsync()
    {
        // Events acknowledged before the reading must be in it; events sent before its end may be.
        Dictionary<string, long> least = SenderLedger.CountByCustomer(_ledger.Acknowledged);
        Reading reading = await new ReadingSession(_api).ReadAsync(SenderLedger.CountByCustomer(_ledger.Sent).Keys);
        return (reading, Judgement.Of(reading, least, SenderLedger.CountByCustomer(_ledger.Sent)));
    }

    /// <summary>Checks that the log still begins with what a reader has read.</summary>
    internal static void CheckBeginning(IReadOnlyList<Change> log, IReadOnlyList<Change> read, string reader, Findings findings)
    {
        for (int i = 0; i < read.Count; i++)
        {
            if (i >= log.Count || log[i] != read[i])
            {
                string there = i < log.Count ? $"{log[i]}" : "nothing";
                findings.Add(FindingKind.LogRewritten, $"Where {reader} read {read[i]} as number {i + 1} of the log, there is {there} now.");
                return;
            }
        }
    }

    private void AddFaults(Findings findings)
    {
        foreach (string fault in _ledger.Faults.Skip(_faultsTold))
        {
            findings.Add(FindingKind.AnswerWrong, fault);
            _faultsTold++;
        }
    }
}
