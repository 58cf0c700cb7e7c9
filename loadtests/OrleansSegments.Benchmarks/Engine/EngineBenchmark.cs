using System.Diagnostics;
using OrleansSegments.Benchmarks.Reports;
using OrleansSegments.Engine.Events;
using OrleansSegments.Engine.Features;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Benchmarks.Engine;

/// <summary>
/// Processor cost of one event's computations, step by step, on one thread with data in the cache. Events are measured in portions, and for
/// each portion the fastest of many passes counts, because other load on the machine only adds time.
/// </summary>
internal static class EngineBenchmark
{
    private const int Runs = 5;
    private const int PortionEvents = 128;

    private static readonly TimeSpan WarmUpLength = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RunLength = TimeSpan.FromMilliseconds(800);

    public static int Run()
    {
        var samples = new EngineSamples();
        EngineSample[] all = samples.All;
        long[] crossings = [.. all.Select(s => samples.Evaluator.DueAt(samples.Model, s.Placement, s.After, s.Now) ?? 0)];
        EngineSample[] staying = [.. all.Where((_, i) => crossings[i] == 0)];
        EngineSample[] leaving = [.. all.Where((_, i) => crossings[i] != 0)];
        var writer = new FactsWriter();
        return BenchReport.Write(
            "engine",
            $"{all.Length:N0} events of {EngineSamples.Customers:N0} simulated customers after {EngineSamples.HistoryDays} days, K = {EngineSamples.SegmentCount}, "
            + $"{samples.Features.FeatureCount} features; {leaving.Length:N0} of them find a next crossing. Nanoseconds per event; of each {PortionEvents} events the fastest of many passes; five times.",
            [
                Measure("read facts", null, all, s => Read(samples, writer, s)),
                Measure("apply", null, all, s => samples.Features.Apply(s.Before?.State, s.Facts, MessageWindow.Of(s.Now, MessageMark.LifetimeMinutesMax), [])),
                Measure("place", null, all, s => samples.Evaluator.Place(samples.Model, s.Before, s.After, s.Now)),
                Measure("crossing", 1_200, all, s => Cross(samples, s)),
                Measure("crossing, none within the horizon", null, staying, s => Cross(samples, s)),
                Measure("crossing, one within the horizon", null, leaving, s => Cross(samples, s)),
            ]);
    }

    private static void Read(EngineSamples samples, FactsWriter writer, EngineSample sample)
    {
        writer.Clear();
        samples.Reader.Read(EngineSample.Input(sample.Event, sample.MessageId), writer);
    }

    private static void Cross(EngineSamples samples, EngineSample sample) =>
        samples.Evaluator.DueAt(samples.Model, sample.Placement, sample.After, sample.Now);

    private static Figure Measure(string name, double? bar, EngineSample[] samples, Action<EngineSample> step)
    {
        for (long startedAt = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(startedAt) < WarmUpLength;)
        {
            Array.ForEach(samples, step);
        }

        EngineSample[][] portions = [.. samples.Chunk(PortionEvents)];
        return new(name, "ns", bar, true,
            [.. Enumerable.Range(0, Runs).Select(_ => portions.Sum(portion => FastestPass(portion, RunLength / portions.Length, step)) / samples.Length)]);
    }

    private static double FastestPass(EngineSample[] portion, TimeSpan length, Action<EngineSample> step)
    {
        double fastest = double.MaxValue;
        for (long startedAt = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(startedAt) < length;)
        {
            long passStartedAt = Stopwatch.GetTimestamp();
            foreach (EngineSample sample in portion)
            {
                step(sample);
            }

            fastest = Math.Min(fastest, Stopwatch.GetElapsedTime(passStartedAt).TotalNanoseconds);
        }

        return fastest;
    }
}
