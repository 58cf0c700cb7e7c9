using System.CommandLine;
using OrleansSegments.Benchmarks.Contestants;
using OrleansSegments.Benchmarks.Reports;
using OrleansSegments.Silo.CommandLine;
using OrleansSegments.Silo.Hosting;
using OrleansSegments.TestKit.Postgres;

namespace OrleansSegments.Benchmarks.Store;

/// <summary>
/// <c>bench store</c>: durable events per second for the same customers and events on each store, one after another on the same machine:
/// one plain statement per event, Orleans' grain storage, Redis, and a whole silo on PostgreSQL and on the embedded store.
/// </summary>
internal static class StoreCommand
{
    private static readonly string[] Known = ["plain", "grain", "redis", "postgresql", "embedded"];

    public static Command Create()
    {
        Option<string[]> only = OptionValues.Choices("--only", "Only these stores.", Known);
        var customers = OptionValues.Number("--customers", "Customers, all of whom exist before the measurement", 1_000_000, 1_000, 50_000_000);
        var seconds = OptionValues.Number("--seconds", "Length of a window", 12, 1, 3_600);
        var windows = OptionValues.Number("--windows", "Windows of each measurement", 5, 1, 100);
        var batch = OptionValues.Number("--batch-events", "Events of a batch where throughput is measured", 2_000, 1, 10_000);
        var minutes = OptionValues.Number("--sustain-minutes", "Also sustains the store's rate for this many minutes; 0 to skip", 0, 0, 600);
        Option<string[]> phases = OptionValues.Choices("--phases", "Only these parts of the measurement.", Enum.GetNames<StorePhase>());
        var command = new Command("store", "Compare stores on the same customers and events; half an hour. Results go to loadtests/results/store-NAME.json.")
        {
            only, customers, seconds, windows, batch, minutes, phases,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var plan = new StorePlan(
                parsed.GetValue(customers), TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(windows), TimeSpan.FromMinutes(parsed.GetValue(minutes)), parsed.GetValue(phases)!.Select(Enum.Parse<StorePhase>).ToHashSet(), parsed.GetValue(batch));
            int worst = 0;
            foreach (string name in Known.Intersect(parsed.GetValue(only)!))
            {
                worst = Math.Max(worst, await RunAsync(name, plan, cancellationToken));
            }

            return worst;
        });
        return command;
    }

    private static async Task<int> RunAsync(string name, StorePlan plan, CancellationToken cancellationToken)
    {
        Console.WriteLine($"== {name}");
        if (Missing(name) is { } missing)
        {
            Console.WriteLine($"skipped: {missing}");
            return 0;
        }

        await using Served<IContestant> served = await ServeAsync(name, plan.BatchEvents);
        IReadOnlyList<Figure> figures = await new StoreMeasurement(served.Contestant, StoreBars.Of(name), plan).RunAsync(cancellationToken);
        return BenchReport.Write(
            $"store-{name}",
            $"{served.Contestant.Name}; {plan.Customers:N0} customers, {plan.Windows} windows of {plan.Window.TotalSeconds:N0} s, fed at the router in one process with the "
            + "feeder; the server, where there is one, runs on the same cores.",
            figures,
            $"store --only {name} --customers {plan.Customers} --seconds {plan.Window.TotalSeconds:F0} --windows {plan.Windows} --batch-events {plan.BatchEvents} --sustain-minutes {plan.Sustained.TotalMinutes:F0} --phases {string.Join(' ', plan.Phases)}");
    }

    private static string? Missing(string name) => name switch
    {
        "redis" when !RedisServer.IsInstalled => "no redis-server on the path; install your system's Redis package to compare with it.",
        "grain" or "plain" or "postgresql" => PostgresServer.Unavailable,
        _ => null,
    };

    private static async Task<Served<IContestant>> ServeAsync(string name, int batchEvents)
    {
        switch (name)
        {
            case "redis":
                RedisServer redis = RedisServer.Start();
                return new(new RedisContestant(redis), redis.DisposeAsync);
            case "embedded":
                string folder = Directory.CreateTempSubdirectory("segments-store-").FullName;
                return new(new SiloContestant("silo on RocksDB", StoreArguments.InFolder(folder), batchEvents), () =>
                {
                    Directory.Delete(folder, recursive: true);
                    return ValueTask.CompletedTask;
                });
            default:
                PostgresServer server = await PostgresServer.StartAsync(TunedServer.Options());
                return new(await OnPostgresAsync(name, server, batchEvents), server.DisposeAsync);
        }
    }

    private static async Task<IContestant> OnPostgresAsync(string name, PostgresServer server, int batchEvents) => name switch
    {
        "plain" => new PlainContestant(server),
        "grain" => await GrainContestant.StartAsync(server),
        _ => new SiloContestant(
            "silo on PostgreSQL", new StoreArguments(StoreSelectionOptions.Postgresql, server.ConnectionString(), null, "segments", StoreStart.AsItIs), batchEvents),
    };
}
