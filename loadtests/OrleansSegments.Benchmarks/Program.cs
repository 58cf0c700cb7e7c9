using System.CommandLine;
using OrleansSegments.Benchmarks.Clusters;
using OrleansSegments.Benchmarks.Consoles;
using OrleansSegments.Benchmarks.Crashes;
using OrleansSegments.Benchmarks.Engine;
using OrleansSegments.Benchmarks.Events;
using OrleansSegments.Benchmarks.Integration;
using OrleansSegments.Benchmarks.KMeans;
using OrleansSegments.Benchmarks.Population;
using OrleansSegments.Benchmarks.Reports;
using OrleansSegments.Benchmarks.Store;

var root = new RootCommand("Benchmarks; the result of each is kept as loadtests/results/NAME.json. Every benchmark has --help.")
{
    BenchInvocation.Plain("kmeans", "Lloyd rounds, seeding, choice of K, placing; half a minute.", KMeansCommand.Run),
    BenchInvocation.Plain("trainers", "The built-in training beside one that ML.NET begins; a minute.", TrainersCommand.Run),
    BenchInvocation.Plain("engine", "The arithmetic of one event: read, apply, place, next crossing; half a minute.", EngineBenchmark.Run),
    BenchInvocation.Plain("events", "Durable events per second from the router on; two minutes.", EventsBenchmark.RunAsync),
    StoreCommand.Create(),
    CommitsCommand.Create(),
    PopulationCommand.Create(),
    CatalogueCommand.Create(),
    CrashCommand.Create(),
    FuzzCommand.Create(),
    HttpCommand.Create(),
    VisitorsCommand.Create(),
    BusCommand.Create(),
    ConsoleCommand.Create(),
    ExportCommand.Create(),
    ReachCommand.Create(),
    ScreenshotsCommand.Create(),
    WebhooksCommand.Create(),
    ChaosCommand.Create(),
    ClusterCommand.Create(),
    BenchInvocation.Plain("tables", "Print the kept results as tables.", TablesCommand.Run),
    BenchInvocation.Plain("memory", "Process memory at a million live customers; several minutes and 2 GB.", MemoryBenchmark.RunAsync),
};

return await BenchInvocation.RunAsync(root, args);
