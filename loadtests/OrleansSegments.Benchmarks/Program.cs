using OrleansSegments.Benchmarks.Runtime;

var benchmarks = new Dictionary<string, Func<string[], int>>(StringComparer.Ordinal)
{
    ["runtime"] = RuntimeBenchmark.Run,
};

if (args.Length > 0 && benchmarks.TryGetValue(args[0], out var run))
{
    return run(args[1..]);
}

Console.Error.WriteLine($"Usage: benchmarks {string.Join('|', benchmarks.Keys)} [--json FILE]");
return 2;
