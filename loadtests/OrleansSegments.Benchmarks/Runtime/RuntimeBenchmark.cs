using System.Diagnostics;
using OrleansSegments.Benchmarks.Reports;

namespace OrleansSegments.Benchmarks.Runtime;

/// <summary>
/// What the local runtime costs: memory per activation, activations per second, calls per second. Every run has a silo of its own.
/// </summary>
internal static class RuntimeBenchmark
{
    private const int Runs = 5;
    private const int Callers = 2;
    private const int Activations = 500_000;
    private const int CalledGrains = 100_000;
    private const int CallsPerCaller = 1_000_000;
    private const int AwaitingCallsPerCaller = 50_000;

    // The grain's own object: a header of two words, the reference to its activation that its base class holds, and one int field.
    private const int GrainBytes = 32;

    public static int Run()
    {
        MeasureActivations();
        MeasureCalls();
        var activations = Enumerable.Range(0, Runs).Select(_ => MeasureActivations()).ToArray();
        var calls = Enumerable.Range(0, Runs).Select(_ => MeasureCalls()).ToArray();
        Figure[] figures =
        [
            new("bytes per activation beside the grain and its key", "B", 300, true, [.. activations.Select(run => run.Bytes)]),
            .. Figure.OfRate("activations", 500_000, Callers, [.. activations.Select(run => run.Rate)]),
            .. Figure.OfRate($"calls to {CalledGrains} grains", 3_000_000, Callers, [.. calls.Select(run => run.AtOnce)]),
            .. Figure.OfRate("calls through a new reference each", 3_000_000, Callers, [.. calls.Select(run => run.ThroughNewReferences)]),
            .. Figure.OfRate("calls that await once", null, Callers, [.. calls.Select(run => run.Awaiting)]),
        ];
        return BenchReport.Write(
            "runtime", $"{Runs} runs after a warm-up, each with a silo of its own; {Callers} callers; every call changes a field of its grain.", figures);
    }

    private static (double Bytes, Rate Rate) MeasureActivations()
    {
        using var silo = new BenchmarkSilo();
        var keys = Enumerable.Range(0, Activations).Select(i => $"c:{1_000_000 + i}").ToArray();
        silo.Grains.GetGrain<ICounterGrain>("c:warm").Add(1).AsTask().Wait();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var rate = Measure(Activations / Callers, (caller, i) =>
            silo.Grains.GetGrain<ICounterGrain>(keys[(i * Callers) + caller]).Add(1));
        var bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Activations;
        GC.KeepAlive(keys);
        return (bytes - GrainBytes, rate);
    }

    private static (Rate AtOnce, Rate ThroughNewReferences, Rate Awaiting) MeasureCalls()
    {
        using var silo = new BenchmarkSilo();
        var keys = Enumerable.Range(0, CalledGrains).Select(i => $"c:{1_000_000 + i}").ToArray();
        var grains = Array.ConvertAll(keys, key => silo.Grains.GetGrain<ICounterGrain>(key));
        Array.ForEach(grains, grain => grain.Add(1).AsTask().Wait());
        var atOnce = Measure(CallsPerCaller, (caller, i) => grains[Pick(caller, i)].Add(1));
        var throughNew = Measure(CallsPerCaller, (caller, i) => silo.Grains.GetGrain<ICounterGrain>(keys[Pick(caller, i)]).Add(1));
        var awaiting = Measure(AwaitingCallsPerCaller, (caller, i) => grains[Pick(caller, i)].AddLater(1));
        return (atOnce, throughNew, awaiting);
    }

    // A stride that is prime to the number of grains visits all of them, far from each other in memory.
    private static int Pick(int caller, int i) => (int)((((long)i * 7_919) + (caller * 50_021)) % CalledGrains);

    /// <summary>Each caller thread does its calls one after the other; the slowest decides.</summary>
    private static Rate Measure(int callsPerCaller, Func<int, int, ValueTask<int>> call)
    {
        using var start = new Barrier(Callers + 1);
        var threads = Enumerable.Range(0, Callers).Select(caller => new Thread(() =>
        {
            start.SignalAndWait();
            for (var i = 0; i < callsPerCaller; i++)
            {
                var answer = call(caller, i);
                if (!answer.IsCompletedSuccessfully)
                {
                    answer.AsTask().Wait();
                }
            }
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        start.SignalAndWait();
        var clock = Stopwatch.StartNew();
        var processor = Environment.CpuUsage.TotalTime;
        Array.ForEach(threads, thread => thread.Join());
        return new Rate(callsPerCaller * (double)Callers, clock.Elapsed, Environment.CpuUsage.TotalTime - processor);
    }
}
