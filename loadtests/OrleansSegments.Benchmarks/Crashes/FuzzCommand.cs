using System.CommandLine;
using OrleansSegments.Benchmarks.Reports;
using OrleansSegments.CrashTests.Files;
using OrleansSegments.CrashTests.Fuzz;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.Silo.CommandLine;

namespace OrleansSegments.Benchmarks.Crashes;

/// <summary><c>bench fuzz</c>: the long version of the fuzz test, with the memory of the silo on the way.</summary>
internal static class FuzzCommand
{
    private const int Looks = 10;

    public static Command Create()
    {
        var requests = OptionValues.Number("--requests", "Requests to send", 1_000_000, 1_000, 1_000_000_000);
        var seed = OptionValues.Number("--seed", "Repeats the requests of an earlier run", 1, 0, int.MaxValue);
        var command = new Command("fuzz", "Send broken requests to a silo: no failure of the server, no growth; ten minutes.") { requests, seed };
        command.SetAction((parsed, ct) => RunAsync(parsed.GetValue(requests), parsed.GetValue(seed), ct));
        return command;
    }

    private static async Task<int> RunAsync(int requests, int seed, CancellationToken ct)
    {
        using var folder = new TemporaryFolder();
        await using SiloProcess silo = await SiloProcess.StartAsync(folder.Path);
        var megabytes = new List<double>();
        FuzzReport report = await FuzzRun.RunAsync(
            silo.Address,
            seed,
            requests,
            done =>
            {
                if (done % (requests / Looks) == 0)
                {
                    lock (megabytes)
                    {
                        megabytes.Add(silo.ResidentBytes / 1e6);
                        Console.WriteLine($"{done:N0} requests, {megabytes[^1]:N0} MB");
                    }
                }
            },
            ct);
        foreach (string fault in report.Faults)
        {
            Console.WriteLine(fault);
        }

        Console.WriteLine(string.Join(", ", report.Statuses.Select(status => $"{status.Key}: {status.Value:N0}")));
        return BenchReport.Write(
            "fuzz",
            $"Fuzzed requests of seed {seed}, eight at a time, against a silo on RocksDB.",
            [
                new Figure("faults: 5xx, no JSON, connections cut", "", 0, true, [report.Faults.Count]),
                new Figure("memory of the silo after each tenth", "MB", null, true, [.. megabytes]),
            ],
            $"fuzz --requests {requests} --seed {seed}");
    }
}
