using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansSegments.Benchmarks.Reports;
using OrleansSegments.CrashTests.Runs;

namespace OrleansSegments.Benchmarks.Crashes;

/// <summary>Keeps crash runs, with the machine, in one file; a run takes the place of the last one on the same store.</summary>
internal static class CrashResults
{
    private const string Name = "crash";

    public static void Keep(CrashReport report, CrashRunOptions options)
    {
        JsonObject kept = BenchReport.Read(Name)?["stores"]?.DeepClone().AsObject() ?? [];
        kept[report.Store] = JsonSerializer.SerializeToNode(
            new
            {
                Machine = Machine.Describe(),
                Command = $"./segments bench crash --store {report.Store} --kills {options.Moments.Count} --seed {report.Seed}",
                How = $"{options.Customers:N0} simulated customers, {options.Senders} senders, batches of {options.BatchEvents} events, every tenth sent twice; after each "
                    + "kill no acknowledged event lost, none counted twice, sizes = members by paging = customers' own words = replayed transition log; every "
                    + $"{options.CompareEvery} kills every feature of every customer equal to 1e-9 to that of a silo which was never killed.",
                report.Seed,
                Kills = report.Kills.Count,
                Wrong = report.Findings.Summary(),
                RecoverySecondsMedian = Median(report),
                RecoverySecondsMax = Seconds(report.Kills.Max(kill => kill.Recovery)),
                Runs = report.Kills.Select(kill => new
                {
                    kill.Number,
                    Moment = kill.Moment.ToString(),
                    kill.EventsAcknowledged,
                    kill.BatchesInDoubt,
                    RecoverySeconds = Seconds(kill.Recovery),
                    kill.Customers,
                    kill.Transitions,
                    kill.WasCompared,
                    CheckingSeconds = Seconds(kill.Checking),
                    Wrong = kill.Findings.Summary(),
                }),
            },
            BenchReport.Json);
        BenchReport.Keep(Name, new { Stores = kept });
    }

    private static double Median(CrashReport report) => Seconds(report.Kills.Select(kill => kill.Recovery).Order().ElementAt(report.Kills.Count / 2));

    private static double Seconds(TimeSpan duration) => Math.Round(duration.TotalSeconds, 2);
}
