using System.Diagnostics;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.CrashTests.Load;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.CrashTests.Checks;

/// <summary>
/// Checks a running system against its promises. It knows an address and what the senders know, nothing more: one silo, a cluster or a
/// separate API process are the same to it. It follows the change feed from its making on, through whatever happens to the system.
/// </summary>
public sealed class Checker : IAsyncDisposable
{
    /// <summary>A silo of a cluster learns of the others' commits within a fraction of a second; what is wrong for longer is wrong.</summary>
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

    /// <summary>Customers that the last check found.</summary>
    public int Customers { get; private set; }

    /// <summary>Transitions that the last check found.</summary>
    public int Transitions => _log.Count;

    /// <summary>
    /// The counting checks: no acknowledged event lost, none counted twice; sizes, pages of members, the customers' own words and the replayed
    /// transition log say the same; the log was never rewritten; no sender got an answer that it must not get.
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

    /// <summary>Compares every feature, trait and time of every customer with those of a system that was fed the same events once.</summary>
    public Task<Findings> CompareAsync(Uri clean) => CompareAsync(clean, SenderLedger.CountByCustomer(_ledger.Sent).Keys);

    /// <summary>The same for some customers.</summary>
    public async Task<Findings> CompareAsync(Uri clean, IEnumerable<string> customerIds)
    {
        using var cleanApi = new SegmentsApi(clean);
        return await new FeatureComparison(_api, cleanApi).CompareAsync(customerIds);
    }

    /// <summary>Sends acknowledged batches once more: all of it must be known already.</summary>
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
        // What is acknowledged before the reading must be in it, and what is sent until it ends may be.
        Dictionary<string, long> least = SenderLedger.CountByCustomer(_ledger.Acknowledged);
        Reading reading = await new ReadingSession(_api).ReadAsync(SenderLedger.CountByCustomer(_ledger.Sent).Keys);
        return (reading, Judgement.Of(reading, least, SenderLedger.CountByCustomer(_ledger.Sent)));
    }

    /// <summary>What somebody has read must still be how the log begins.</summary>
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
