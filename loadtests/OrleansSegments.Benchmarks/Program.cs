using OrleansSegments.Benchmarks.Clusters;
using OrleansSegments.Benchmarks.Commits;
using OrleansSegments.Benchmarks.Crashes;
using OrleansSegments.Benchmarks.Engine;
using OrleansSegments.Benchmarks.Events;
using OrleansSegments.Benchmarks.KMeans;
using OrleansSegments.Benchmarks.Memory;
using OrleansSegments.Benchmarks.Population;
using OrleansSegments.Benchmarks.Store;

var benchmarks = new Dictionary<string, (string About, Func<int> Run)>(StringComparer.Ordinal)
{
    ["kmeans"] = ("Lloyd rounds, seeding, choice of K, placing, half a minute", KMeansCommand.Run),
    ["trainers"] = ("the built-in training beside one that ML.NET begins, a minute", TrainersCommand.Run),
    ["engine"] = ("the arithmetic of one event: read, apply, place, next crossing, half a minute", EngineBenchmark.Run),
    ["events"] = ("durable events per second from the router on, two minutes", EventsBenchmark.Run),
    ["store"] = ("stores side by side on the same events, half an hour; --help", () => StoreCommand.Run(args[1..])),
    ["commits"] = ("one store without a silo: created, changed at a rate and at most, opened again, two minutes", () => CommitsCommand.RunAsync(args[1..]).GetAwaiter().GetResult()),
    ["population"] = ("roll-outs and deadlines over a million customers, in memory and not, fifteen minutes; --help", () => PopulationCommand.Run(args[1..])),
    ["crash"] = ("kills under load on both stores, checked from outside, twenty minutes; --help", () => CrashCommand.Run(args[1..])),
    ["chaos"] = ("blows on a cluster under load, checked from outside, a minute each; --help", () => ChaosCommand.Run(args[1..])),
    ["cluster"] = ("what an event costs on one, two and three silos, twenty minutes; --help", () => ClusterCommand.Run(args[1..])),
    ["memory"] = ("process memory at a million live customers, several minutes and 2 GB", MemoryBenchmark.Run),
};

if (args is [var name, .. var options] && (options is [] || name is "chaos" or "cluster" or "population" or "commits" or "crash" or "store") && benchmarks.TryGetValue(name, out (string About, Func<int> Run) chosen))
{
    return chosen.Run();
}

Console.Error.WriteLine("Usage: ./segments bench NAME [OPTIONS]; the result is kept as loadtests/results/NAME.json");
foreach ((string known, (string about, _)) in benchmarks)
{
    Console.Error.WriteLine($"  {known,-10}{about}");
}

return args is [] or ["--help"] or ["-h"] ? 0 : 2;
