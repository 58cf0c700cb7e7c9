using OrleansSegments.Benchmarks.Contestants;
using OrleansSegments.Benchmarks.Reports;

namespace OrleansSegments.Benchmarks.Store;

/// <summary>Runs all phases on one store.</summary>
internal sealed class StoreMeasurement(IContestant contestant, StoreBars bars, StorePlan plan)
{
    private const int Questions = 1_000;
    private const int QuestionSeed = 20260;

    private readonly List<Figure> _figures = [];

    public async Task<IReadOnlyList<Figure>> RunAsync(CancellationToken cancellationToken)
    {
        IngestEvents uniform = IngestEvents.Uniform(plan.Customers);
        await contestant.PrepareAsync(uniform, cancellationToken);
        if (Has(StorePhase.Uniform))
        {
            await ThroughputAsync("uniform customers", uniform, bars.EventsPerSecond, cancellationToken);
        }

        if (Has(StorePhase.Paced) && contestant is SiloContestant silo && bars.EventsPerSecond is { } full)
        {
            await LatencyAsync(silo, uniform, full / 2, cancellationToken);
            await SustainAsync(silo, uniform, cancellationToken);
        }

        if (Has(StorePhase.Zipf))
        {
            await ThroughputAsync("Zipf(1.0) customers", uniform.AsZipf(), bars.ZipfEventsPerSecond, cancellationToken);
        }

        if (Has(StorePhase.Restart) && contestant is SiloContestant restarting)
        {
            await RestartAsync(restarting, uniform, cancellationToken);
        }

        return _figures;
    }

    private bool Has(StorePhase phase) => plan.Phases.Contains(phase);

    private async Task ThroughputAsync(string customers, IngestEvents events, double? bar, CancellationToken cancellationToken)
    {
        // The first window is a warm-up.
        await contestant.MeasureAsync(events, plan.Window, cancellationToken);
        List<IngestResult> results = await RepeatAsync(customers, () => contestant.MeasureAsync(events, plan.Window, cancellationToken));
        Add($"durable events, {customers}", "1/s", bar, false, results.Select(result => result.EventsPerSecond));
        Add($"processor time of this process per event, {customers}", "us", null, true, results.Select(result => result.ProcessorMicrosecondsEach));
        Add($"bytes written to files by this process per event, {customers}", "bytes", null, true, results.Select(result => result.FileBytesWrittenEach));
    }

    private async Task LatencyAsync(SiloContestant silo, IngestEvents events, int rate, CancellationToken cancellationToken)
    {
        List<IngestResult> results = await RepeatAsync($"at {rate:N0}/s", () => silo.MeasureAtRateAsync(events, rate, plan.Window, cancellationToken));
        Add($"due to durable at {rate:N0}/s, p50", "ms", null, true, results.Select(result => result.Latency.Percentile(50).TotalMilliseconds));
        Add($"due to durable at {rate:N0}/s, p99", "ms", bars.LatencyMillisecondsP99, true, results.Select(result => result.Latency.Percentile(99).TotalMilliseconds));
        Add($"events taken at {rate:N0}/s", "1/s", rate * 0.98, false, results.Select(result => result.EventsPerSecond));
    }

    private async Task SustainAsync(SiloContestant silo, IngestEvents events, CancellationToken cancellationToken)
    {
        if (plan.Sustained > TimeSpan.Zero && bars.SustainedEventsPerSecond is { } rate)
        {
            IngestResult result = await silo.SustainAsync(events, rate, plan.Sustained, cancellationToken);
            Console.WriteLine($"  sustained: {result}");
            Add($"events taken at {rate:N0}/s for {plan.Sustained.TotalMinutes:N0} minutes", "1/s", rate * 0.98, false, [result.EventsPerSecond]);
            Add("due to durable meanwhile, p99", "ms", null, true, [result.Latency.Percentile(99).TotalMilliseconds]);
        }
    }

    private async Task RestartAsync(SiloContestant silo, IngestEvents events, CancellationToken cancellationToken)
    {
        var ready = new List<double>();
        var slowest = new List<double>();
        for (int window = 0; window < plan.Windows; window++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            RestartResult result = await silo.RestartAsync(events, Questions, QuestionSeed + window);
            ready.Add(result.Ready.TotalMilliseconds);
            slowest.Add(result.Answers.Max().TotalMilliseconds);
            Console.WriteLine($"  restart: ready in {ready[^1]:N0} ms, slowest first answer {slowest[^1]:N1} ms");
        }

        Add($"start on {plan.Customers:N0} customers until ready", "ms", StoreBars.ReadyMillisecondsMax, true, ready);
        Add($"slowest first answer of {Questions:N0} customers", "ms", StoreBars.FirstAnswerMillisecondsMax, true, slowest);
    }

    private async Task<List<IngestResult>> RepeatAsync(string what, Func<Task<IngestResult>> measure)
    {
        var results = new List<IngestResult>();
        for (int window = 0; window < plan.Windows; window++)
        {
            results.Add(await measure());
            Console.WriteLine($"  {what}: {results[^1]}");
        }

        return results;
    }

    private void Add(string name, string unit, double? bar, bool isMaximum, IEnumerable<double> runs) => _figures.Add(new Figure(name, unit, bar, isMaximum, [.. runs]));
}
