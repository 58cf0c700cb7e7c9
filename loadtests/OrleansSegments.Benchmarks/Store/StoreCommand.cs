using Microsoft.Extensions.Logging.Abstractions;
using OrleansSegments.Benchmarks.Reports;
using OrleansSegments.Storage;

namespace OrleansSegments.Benchmarks.Store;

/// <summary>Runs <see cref="StoreBenchmark"/> five times on fresh folders.</summary>
internal static class StoreCommand
{
    private const int Runs = 5;
    private const int Customers = 200_000;
    private const int Writers = 4_096;
    private const int StateBytes = 400;

    public static int Run()
    {
        var created = new List<double>();
        var changed = new List<double>();
        var latency = new List<double>();
        for (int run = 0; run < Runs; run++)
        {
            string folder = Directory.CreateTempSubdirectory("segments-bench-").FullName;
            try
            {
                IReadOnlyList<StoreBenchmarkResult> results = RunAsync(folder).GetAwaiter().GetResult();
                created.Add(results[0].ChangesPerSecond);
                changed.Add(results[1].ChangesPerSecond);
                latency.Add(results[1].MillisecondsP99);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        return BenchReport.Write(
            "store",
            $"SQLite, {Customers:N0} customers, states of {StateBytes} bytes, {Writers:N0} writers in a closed loop, 10 s of uniform changes; recounted after each run.",
            [
                new("customers created", "1/s", null, false, created),
                new("durable changes, uniform customers", "1/s", null, false, changed),
                new("p99 from handing in to durable", "ms", null, true, latency),
            ]);
    }

    private static async Task<IReadOnlyList<StoreBenchmarkResult>> RunAsync(string folder)
    {
        var options = new SqliteStoreOptions { Folder = folder };
        await using SqliteStore store = await SqliteStore.OpenAsync(options, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        return await StoreBenchmark.RunAsync(store, Customers, Writers, StateBytes, TimeSpan.FromSeconds(10));
    }
}
