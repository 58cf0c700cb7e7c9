using System.CommandLine;
using System.Diagnostics;
using OrleansSegments.Benchmarks.Reports;
using OrleansSegments.CrashTests.Runs;
using OrleansSegments.Silo.CommandLine;

namespace OrleansSegments.Benchmarks.Crashes;

/// <summary><c>bench visitors</c>: visitors of whom half sign in, in random order with repeats and kills, against a silo that knew everybody all along.</summary>
internal static class VisitorsCommand
{
    public static Command Create()
    {
        var visitors = OptionValues.Number("--visitors", "Visitors; half of them sign in", 100_000, 100, 10_000_000);
        var kills = OptionValues.Number("--kills", "SIGKILLs on the way", 3, 0, 100);
        var compared = OptionValues.Number("--compared", "Customers whose features are compared", 10_000, 1, 10_000_000);
        var seed = OptionValues.Number("--seed", "Repeats the order of an earlier run", 1, 0, int.MaxValue);
        var command = new Command("visitors", "Merge visitors who sign in, in random order with repeats and kills, and compare with a clean run; three minutes.")
        {
            visitors, kills, compared, seed,
        };
        command.SetAction(async (parsed, ct) =>
        {
            long startedAt = Stopwatch.GetTimestamp();
            var run = new VisitorRun(parsed.GetValue(visitors), parsed.GetValue(kills), parsed.GetValue(compared), parsed.GetValue(seed));
            IReadOnlyList<string> differences = await run.RunAsync(Console.WriteLine, ct);
            foreach (string difference in differences)
            {
                Console.WriteLine(difference);
            }

            return BenchReport.Write(
                "visitors",
                "Events of 100 a batch, four batches at a time, every fifth batch twice, by HTTP to a silo on RocksDB that is killed and started again.",
                [
                    new Figure("differences from a clean run", "", 0, true, [differences.Count]),
                    new Figure("the whole run", "s", null, true, [Stopwatch.GetElapsedTime(startedAt).TotalSeconds]),
                ],
                $"visitors --visitors {parsed.GetValue(visitors)} --kills {parsed.GetValue(kills)} --compared {parsed.GetValue(compared)} --seed {parsed.GetValue(seed)}");
        });
        return command;
    }
}
