using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansSegments.Benchmarks.Reports;
using OrleansSegments.CrashTests.Runs;
using OrleansSegments.CrashTests.Stores;
using OrleansSegments.Silo.CommandLine;

namespace OrleansSegments.Benchmarks.Crashes;

/// <summary>
/// <c>bench crash</c>: the long version of the crash tests. On each store kills a silo, and the store's server, again and again; after each
/// kill a checker that knows only what was acknowledged verifies everything.
/// </summary>
internal static class CrashCommand
{
    private static readonly string[] Stores = ["embedded", "postgresql"];

    public static Command Create()
    {
        Option<string?> store = OptionValues.Choice("--store", "Default: both.", "embedded|postgresql", Stores);
        var kills = OptionValues.Number("--kills", "Kills on each store", 25, 1, 10_000);
        var seed = OptionValues.Number("--seed", "Repeats the events and the moments of an earlier run", 1, 0, int.MaxValue);
        var command = new Command("crash", "Kill the silo and the store's server under load and check everything after each kill; twenty minutes.") { store, kills, seed };
        command.SetAction((parsed, ct) => RunAsync(parsed.GetValue(store), parsed.GetValue(kills), parsed.GetValue(seed), ct));
        return command;
    }

    private static async Task<int> RunAsync(string? named, int kills, int seed, CancellationToken ct)
    {
        bool isGreen = true;
        foreach (string name in named is null ? Stores : [named])
        {
            if (name == "postgresql" && PostgresCrashStore.Unavailable is { } problem)
            {
                Console.Error.WriteLine(problem);
                isGreen &= named is null;
                continue;
            }

            await using ICrashStore store = name == "postgresql" ? await PostgresCrashStore.StartAsync() : new EmbeddedCrashStore();
            isGreen &= await RunAsync(store, kills, seed, ct);
        }

        return isGreen ? 0 : 1;
    }

    private static async Task<bool> RunAsync(ICrashStore store, int kills, int seed, CancellationToken ct)
    {
        var options = new CrashRunOptions { Moments = CrashRunOptions.Plan(kills, seed, store.HasServer), Seed = seed, Customers = 1_000 };
        Console.WriteLine($"{kills} kills on {store.Name}, seed {seed}, {options.Customers:N0} customers, {options.Senders} senders of {options.BatchEvents} events a batch");
        CrashReport report = await CrashRun.RunAsync(options, store, Console.WriteLine, ct);
        CrashResults.Keep(report, options);
        Console.WriteLine(report.Findings);
        return report.Findings.AreNone;
    }
}

/// <summary>Writes crash runs and the machine's description to one file; a run replaces the last one on the same store.</summary>
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
                    + "kill no acknowledged event lost, none counted twice, sizes = members by paging = customers' own answers = replayed transition log; every "
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
