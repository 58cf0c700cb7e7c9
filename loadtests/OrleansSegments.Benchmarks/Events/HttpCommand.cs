using System.CommandLine;
using OrleansSegments.Benchmarks.Reports;
using OrleansSegments.CrashTests.Files;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.LoadGenerator;
using OrleansSegments.Silo.CommandLine;

namespace OrleansSegments.Benchmarks.Events;

/// <summary><c>bench http</c>: durable events per second through the HTTP API of a silo on RocksDB, in batches and one by one, open loop.</summary>
internal static class HttpCommand
{
    private const int Batch = 100;
    private const int BatchedPerSecond = 40_000;
    private const int SinglePerSecond = 6_000;

    /// <summary>A schedule cannot be kept to the last event while the last answers are awaited.</summary>
    private const double Kept = 0.98;

    public static Command Create()
    {
        var customers = OptionValues.Number("--customers", "Customers, drawn by Zipf's law", 200_000, 1_000, 10_000_000);
        var seconds = OptionValues.Number("--seconds", "Length of a window", 10, 1, 3_600);
        var windows = OptionValues.Number("--windows", "Windows of each measurement", 5, 1, 100);
        var command = new Command("http", "Durable events per second through HTTP, in batches and one by one; three minutes.") { customers, seconds, windows };
        command.SetAction((parsed, ct) => RunAsync(parsed.GetValue(customers), parsed.GetValue(seconds), parsed.GetValue(windows), ct));
        return command;
    }

    private static async Task<int> RunAsync(int customers, int seconds, int windows, CancellationToken ct)
    {
        using var folder = new TemporaryFolder();
        await using SiloProcess silo = await SiloProcess.StartAsync(folder.Path);
        var figures = new List<Figure>();
        foreach ((int batch, int rate) in new[] { (Batch, BatchedPerSecond), (1, SinglePerSecond) })
        {
            string what = batch == 1 ? "one by one" : $"in batches of {batch}";
            var reports = new List<LoadReport>();
            var processor = new List<double>();

            // The first window is a warm-up, longer because it creates the customers.
            await LoadAsync(silo, customers, batch, rate, 2 * seconds, ct);
            for (int window = 0; window < windows; window++)
            {
                TimeSpan before = silo.ProcessorTime;
                reports.Add(await LoadAsync(silo, customers, batch, rate, seconds, ct));
                processor.Add((silo.ProcessorTime - before).TotalMicroseconds / reports[^1].Events);
                Console.WriteLine(
                    $"  {what}: {reports[^1].EventsPerSecond:N0} events/s, p50 {reports[^1].LatencyMsP50:N1} ms, p99 {reports[^1].LatencyMsP99:N1} ms, "
                    + $"{processor[^1]:N1} us of the silo each, {reports[^1].Answers429} refusals");
            }

            figures.Add(new Figure($"durable events, {what}, {rate:N0}/s asked for", "1/s", rate * Kept, false, [.. reports.Select(report => report.EventsPerSecond)]));
            figures.Add(new Figure($"due to answered, p50, {what}", "ms", null, true, [.. reports.Select(report => report.LatencyMsP50)]));
            figures.Add(new Figure($"due to answered, p99, {what}", "ms", null, true, [.. reports.Select(report => report.LatencyMsP99)]));
            figures.Add(new Figure($"processor time of the silo per event, {what}", "us", null, true, processor));
            figures.Add(new Figure($"events given up, {what}", "events", 0, true, [.. reports.Select(report => (double)report.EventsGivenUp)]));
        }

        return BenchReport.Write(
            "http",
            $"A silo on RocksDB in a process of its own, {customers:N0} customers by Zipf's law, simulated Segment events; {windows} windows of {seconds} s, open loop; the sender shares the cores.",
            figures,
            $"http --customers {customers} --seconds {seconds} --windows {windows}");
    }

    private static Task<LoadReport> LoadAsync(SiloProcess silo, int customers, int batch, int rate, int seconds, CancellationToken ct) => new LoadRun(new LoadOptions
    {
        Uri = silo.Address,
        WriteKey = SegmentsApi.WriteKey,
        EventsPerSecond = rate,
        Seconds = seconds,
        Customers = customers,
        IsZipf = true,
        BatchSize = batch,
        Connections = 64,
    }).RunAsync(ct: ct);
}
