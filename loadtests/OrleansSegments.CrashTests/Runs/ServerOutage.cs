using System.Diagnostics;
using OrleansSegments.CrashTests.Checks;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.CrashTests.Load;
using OrleansSegments.CrashTests.Stores;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.CrashTests.Runs;

/// <summary>
/// Kills the store's server under load and restarts it after a while; the silo keeps running. Meanwhile callers get Retry-After refusals,
/// every request is answered, and the silo is not ready; afterwards it serves again by itself.
/// </summary>
internal sealed class ServerOutage(SegmentsApi api, ICrashStore store, SenderLedger ledger)
{
    private static readonly TimeSpan RecoversWithin = TimeSpan.FromMinutes(1);
    private static readonly string[] Queries = ["/v1/segments", "/v1/customers/shopper-0000000", "/v1/changes?after=0&limit=10", "/v1/segments/s1/members"];

    /// <summary>Returns the time from the server's restart until the silo was ready.</summary>
    /// <param name="answersMin">Minimum number of batches acknowledged after the outage.</param>
    public async Task<TimeSpan> PlayAsync(TimeSpan outage, int answersMin, Findings findings)
    {
        int unanswered = ledger.UnansweredCount;
        await store.KillServerAsync();
        bool saidSo = await AskMeanwhileAsync(outage);
        long startedAt = Stopwatch.GetTimestamp();
        await store.StartServerAsync();
        bool recovered = await Condition.ComesToHoldAsync(api.IsThereAndReadyAsync, RecoversWithin);
        TimeSpan recovery = Stopwatch.GetElapsedTime(startedAt);
        int answers = ledger.AnswersCount;
        bool serves = recovered && await Condition.ComesToHoldAsync(() => Task.FromResult(ledger.AnswersCount >= answers + answersMin));
        if (!serves)
        {
            findings.Add(FindingKind.NotRecovered, $"{recovery} after the store's server came back the silo {(recovered ? "is ready and takes nothing" : "is not ready")}.");
        }

        if (!saidSo)
        {
            findings.Add(FindingKind.AnswerWrong, $"The silo said that it is ready for all of the {outage} in which its store's server was down.");
        }

        if (ledger.UnansweredCount > unanswered)
        {
            findings.Add(FindingKind.AnswerWrong, $"{ledger.UnansweredCount - unanswered} requests got no answer while only the store's server was down.");
        }

        return recovery;
    }

    /// <summary>Sends various queries until the outage is over; returns true if the silo was ever not ready.</summary>
    private async Task<bool> AskMeanwhileAsync(TimeSpan outage)
    {
        long startedAt = Stopwatch.GetTimestamp();
        bool saidSo = false;
        for (int i = 0; !saidSo || Stopwatch.GetElapsedTime(startedAt) < outage; i++)
        {
            ApiAnswer answer = await api.GetAsync(Queries[i % Queries.Length]);
            if (answer.Status is not (200 or 404) && !answer.IsTurnedAway)
            {
                ledger.NoteFault($"GET {Queries[i % Queries.Length]} was answered with {answer} while the store's server was down");
            }

            saidSo |= !await api.IsReadyAsync();
            if (Stopwatch.GetElapsedTime(startedAt) > RecoversWithin)
            {
                return saidSo;
            }
        }

        return saidSo;
    }
}
