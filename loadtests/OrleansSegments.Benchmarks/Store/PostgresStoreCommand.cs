using Microsoft.Extensions.Logging.Abstractions;
using OrleansSegments.Benchmarks.Reports;
using OrleansSegments.Storage.Postgres;
using OrleansSegments.TestKit.Postgres;

namespace OrleansSegments.Benchmarks.Store;

/// <summary>Runs <see cref="StoreBenchmark"/> five times on fresh schemas of a private server with the settings that the configuration page advises.</summary>
internal static class PostgresStoreCommand
{
    private const int Runs = 5;
    private const int Customers = 1_000_000;
    private const int Writers = 16_384;
    private const int StateBytes = 400;

    public static int Run()
    {
        if (PostgresServer.Unavailable is { } problem)
        {
            Console.Error.WriteLine($"error: {problem}");
            return 1;
        }

        return RunAsync().GetAwaiter().GetResult();
    }

    private static async Task<int> RunAsync()
    {
        await using PostgresServer server = await PostgresServer.StartAsync(Advised());
        var created = new List<double>();
        var changed = new List<double>();
        var latency = new List<double>();
        for (int run = 1; run <= Runs; run++)
        {
            IReadOnlyList<StoreBenchmarkResult> results = await RunAsync(server, $"bench_{run}");
            created.Add(results[0].ChangesPerSecond);
            changed.Add(results[1].ChangesPerSecond);
            latency.Add(results[1].MillisecondsP99);
            await server.QueryAsync($"DROP SCHEMA bench_{run} CASCADE; CHECKPOINT");
        }

        return BenchReport.Write(
            "postgres",
            $"PostgreSQL on the same machine, {Customers:N0} customers, states of {StateBytes} bytes, {Writers:N0} writers in a closed loop, 20 s of uniform changes; "
            + "recounted after each run.",
            [
                new("customers created", "1/s", null, false, created),
                new("durable changes, uniform customers", "1/s", 40_000, false, changed),
                new("p99 from handing in to durable", "ms", null, true, latency),
            ]);
    }

    private static PostgresServerOptions Advised() => new()
    {
        Settings =
        {
            ["shared_buffers"] = "2GB",
            ["max_wal_size"] = "16GB",
            ["checkpoint_timeout"] = "15min",
            ["wal_compression"] = "lz4",
        },
    };

    private static async Task<IReadOnlyList<StoreBenchmarkResult>> RunAsync(PostgresServer server, string schema)
    {
        var options = new PostgresStoreOptions { ConnectionString = server.ConnectionString(), Schema = schema };
        await using PostgresStore store = await PostgresStore.OpenAsync(
            options, isShared: false, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        return await StoreBenchmark.RunAsync(store, Customers, Writers, StateBytes, TimeSpan.FromSeconds(20));
    }
}
