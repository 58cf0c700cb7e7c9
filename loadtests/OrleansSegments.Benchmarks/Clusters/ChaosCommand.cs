using System.CommandLine;
using OrleansSegments.Benchmarks.Reports;
using OrleansSegments.CrashTests.Clusters;
using OrleansSegments.Silo.CommandLine;
using OrleansSegments.TestKit.Postgres;

namespace OrleansSegments.Benchmarks.Clusters;

/// <summary>
/// <c>bench chaos</c>: puts a cluster and a separate API, all as processes, under load and injects faults: silos are killed, stalled, cut off
/// and restarted, the database server is killed. After each fault a checker that knows only what was acknowledged verifies everything.
/// </summary>
internal static class ChaosCommand
{
    private const double ServedSecondsMax = 30;

    public static Command Create()
    {
        var blows = OptionValues.Number("--blows", "Blows", 12, 1, 10_000);
        var silos = OptionValues.Number("--silos", "Silos", 3, 2, 16);
        var seed = OptionValues.Number("--seed", "Repeats the events and the faults of an earlier run", 1, 0, int.MaxValue);
        Option<string[]> only = OptionValues.Choices("--only", "Only these kinds of faults.", Enum.GetNames<ChaosMoment>());
        var command = new Command("chaos", "Inject faults into a cluster under load and check everything after each; one minute per fault.") { blows, silos, seed, only };
        command.SetAction((parsed, ct) => RunAsync(parsed.GetValue(blows), parsed.GetValue(silos), parsed.GetValue(seed), Kinds(parsed.GetValue(only)!), ct));
        return command;
    }

    /// <summary>Empty when all kinds are chosen: then all that the machine allows are planned.</summary>
    private static ChaosMoment[] Kinds(string[] names) => names.Length == Enum.GetNames<ChaosMoment>().Length ? [] : [.. names.Select(Enum.Parse<ChaosMoment>)];

    private static async Task<int> RunAsync(int blows, int silos, int seed, ChaosMoment[] only, CancellationToken ct)
    {
        if (PostgresServer.Unavailable is { } problem)
        {
            Console.Error.WriteLine(problem);
            return 1;
        }

        string? noCut = only.Length == 0 || only.Contains(ChaosMoment.SiloCutOff) ? await SiloNetwork.ProblemAsync() : null;
        if (noCut is not null)
        {
            Console.Error.WriteLine(noCut);
            if (only.Length > 0)
            {
                return 1;
            }
        }

        var options = new ChaosOptions
        {
            Moments = only.Length == 0 ? ChaosOptions.Plan(blows, seed, canCut: noCut is null) : [.. Enumerable.Range(0, blows).Select(blow => only[blow % only.Length])],
            Seed = seed,
            Silos = silos,
        };
        Console.WriteLine($"{blows} faults on {silos} silos and a separate API, seed {seed}, {options.Customers:N0} customers, {options.Senders} senders of {options.BatchEvents} events a batch");
        IReadOnlyList<ChaosRecord> records = await ChaosRun.RunAsync(options, Console.WriteLine, ct);
        bool isRight = records.Count == blows && records.All(record => record.Findings.AreNone);
        Keep(options, records, only);
        IEnumerable<TimeSpan> killed = records.Where(record => record.Moment == ChaosMoment.SiloKilled).Select(record => record.FirstEvents);
        bool isInTime = killed.All(time => time.TotalSeconds <= ServedSecondsMax);
        Console.WriteLine($"{records.Count(record => record.Findings.AreNone)} of {blows} faults left nothing wrong behind"
            + (killed.Any() ? $"; after a kill everybody was served within {killed.Max().TotalSeconds:N1} s, bar {ServedSecondsMax:N0}: {(isInTime ? "met" : "missed")}" : ""));
        return isRight && isInTime ? 0 : 1;
    }

    private static void Keep(ChaosOptions options, IReadOnlyList<ChaosRecord> records, ChaosMoment[] only) => BenchReport.Keep(
        only.Length == 1 ? $"chaos-{only[0]}" : "chaos",
        new
        {
            Machine = Machine.Describe(),
            Command = $"./segments bench chaos --blows {options.Moments.Count} --silos {options.Silos} --seed {options.Seed}{(only.Length > 0 ? $" --only {string.Join(' ', only)}" : "")}",
            How = $"{options.Customers:N0} simulated customers, {options.Senders} senders through a separate API, batches of {options.BatchEvents} events; {options.Probes} customers are sent an event "
                + "right after each fault. After each fault no acknowledged event lost, none counted twice, sizes = members by paging = customers' own answers = replayed transition log; "
                + "after the last one every feature of every customer equal to 1e-9 to that of a silo to which nothing happened.",
            Blows = records.Count,
            Wrong = records.Sum(record => record.Findings.AreNone ? 0 : 1),
            Runs = records.Select(record => new
            {
                record.Number,
                Moment = record.Moment.ToString(),
                record.EventsAcknowledged,
                EverybodyServedSeconds = Math.Round(record.FirstEvents.TotalSeconds, 2),
                WholeSeconds = Math.Round(record.Whole.TotalSeconds, 2),
                record.Refusals,
                record.Unanswered,
                record.Customers,
                record.Transitions,
                Wrong = record.Findings.Summary(),
            }),
        });
}
