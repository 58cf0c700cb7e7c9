using System.CommandLine;
using System.Diagnostics;
using OrleansSegments.Benchmarks.Contestants;
using OrleansSegments.Benchmarks.Reports;
using OrleansSegments.Grains.Customers;
using OrleansSegments.Silo.CommandLine;
using OrleansSegments.Silo.Hosting;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Benchmarks.Population;

/// <summary>
/// <c>bench population</c>: work on the whole population. Rolls out a model that moves a tenth of the customers, and serves many deadlines
/// in one minute, with nobody in memory; rolls out the same model with everybody in memory under a stream of events, and records the
/// garbage collector's longest pause.
/// </summary>
internal static class PopulationCommand
{
    public static Command Create()
    {
        var customers = OptionValues.Number("--customers", "Customers, all of whom exist before the measurement", 1_000_000, 10_000, 50_000_000);
        var windows = OptionValues.Number("--windows", "Roll-outs of each kind", 5, 1, 100);
        var deadlines = OptionValues.Number("--deadlines", "Customers that are due within one minute", 100_000, 1_000, 10_000_000);
        var rate = OptionValues.Number("--rate", "Events a second while everybody is in memory", 20_000, 1_000, 1_000_000);
        var command = new Command("population", "Measure roll-outs and deadlines over a whole population, in memory and not; fifteen minutes.") { customers, windows, deadlines, rate };
        command.SetAction((parsed, cancellationToken) => PopulationMeasurement.RunAsync(
            new PopulationPlan(parsed.GetValue(customers), parsed.GetValue(windows), parsed.GetValue(deadlines), parsed.GetValue(rate)), cancellationToken));
        return command;
    }
}

internal sealed record PopulationPlan(int Customers, int Windows, int Deadlines, int EventsPerSecond);

/// <summary>Runs the phases on one silo with the embedded store.</summary>
internal sealed class PopulationMeasurement(string folder, PopulationPlan plan)
{
    private const double MovedShare = 0.1;
    private const int Rounds = 3;
    private const int BatchEvents = 2_000;
    private const int PacedBatchEvents = 250;
    private const int BatchesUnderWay = 16;

    private static readonly DateTimeOffset Beginning = new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan DueWithin = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LoadAround = TimeSpan.FromSeconds(5);

    private readonly List<Figure> _figures = [];
    private readonly IngestEvents _events = IngestEvents.Uniform(plan.Customers);
    private SiloHost? _host;
    private DueWatch? _watch;

    private SiloHost Host => _host!;

    public static async Task<int> RunAsync(PopulationPlan plan, CancellationToken cancellationToken)
    {
        string folder = Directory.CreateTempSubdirectory("segments-population-").FullName;
        var measurement = new PopulationMeasurement(folder, plan);
        try
        {
            return await measurement.RunAsync(cancellationToken);
        }
        finally
        {
            if (measurement._host is { } host)
            {
                await host.DisposeAsync();
            }

            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        await StartAsync(Beginning);
        await new IngestRun(Host, _events, BatchEvents, BatchesUnderWay).PrepareAsync(Rounds, cancellationToken);
        DateTimeOffset now = Host.Clock.GetUtcNow();
        await SiloEnd.StopAsync(Host);
        await StartAsync(now);
        ((ReplayClock)Host.Clock).Run();
        await RestingAsync(cancellationToken);
        await DueAsync(cancellationToken);
        await ActiveAsync(cancellationToken);
        return BenchReport.Write(
            "population",
            $"{plan.Customers:N0} customers on the embedded store; roll-outs of a model that moves {MovedShare:P0}; {plan.Deadlines:N0} customers due within {DueWithin.TotalSeconds:N0} s; "
            + $"with everybody in memory {plan.EventsPerSecond:N0} events/s in batches of {PacedBatchEvents}, open loop, latency from the moment a batch was due.",
            _figures,
            $"population --customers {plan.Customers} --windows {plan.Windows} --deadlines {plan.Deadlines} --rate {plan.EventsPerSecond}");
    }

    private async Task RestingAsync(CancellationToken cancellationToken)
    {
        var seconds = new List<double>();
        for (int window = 0; window < plan.Windows; window++)
        {
            seconds.Add(await RollOutAsync(cancellationToken));
        }

        Add("roll-out, nobody in memory", "s", 20, seconds);
        Add("customers brought into memory by roll-outs", "customers", 0, [Host.Service<DirectDoor>().Count]);
    }

    private async Task DueAsync(CancellationToken cancellationToken)
    {
        var late = new List<double>();
        for (int window = 0; window < plan.Windows; window++)
        {
            DateTimeOffset from = Host.Clock.GetUtcNow().AddSeconds(5);
            IReadOnlyList<StoredCustomer> due = await Host.Service<ICustomerStore>().ScanAsync(null, plan.Deadlines, cancellationToken);
            DeadlineUpdate[] updates = [.. due.Select((c, i) => new DeadlineUpdate(
                c.CustomerId, c.Record.Version, (from + (DueWithin * ((double)i / due.Count))).ToUnixTimeMilliseconds()))];
            await Host.Service<ICustomerStore>().UpdateDeadlinesAsync(updates, cancellationToken);
            _watch!.Expect(updates);
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
            DateTimeOffset until = from + DueWithin + TimeSpan.FromSeconds(10);
            while (Host.Clock.GetUtcNow() < until)
            {
                await timer.WaitForNextTickAsync(cancellationToken);
            }

            double[] sorted = [.. _watch.Lateness.Order()];
            Console.WriteLine($"  deadlines: {sorted.Length:N0} of {updates.Length:N0} served, p50 {sorted[sorted.Length / 2]:N0} ms, p99 {sorted[sorted.Length * 99 / 100]:N0} ms late");
            late.Add(sorted.Length == updates.Length ? sorted[sorted.Length * 99 / 100] : double.PositiveInfinity);
        }

        Add($"{plan.Deadlines:N0} deadlines in a minute, served late by, p99", "ms", 5_000, late);
        Add("customers brought into memory by deadlines", "customers", 0, [Host.Service<DirectDoor>().Count]);
    }

    private async Task ActiveAsync(CancellationToken cancellationToken)
    {
        var feed = new IngestRun(Host, _events, BatchEvents, BatchesUnderWay);
        await feed.TouchAsync(cancellationToken);
        Console.WriteLine($"  {Host.Service<DirectDoor>().Count:N0} customers in memory");
        var paced = new IngestRun(Host, _events, PacedBatchEvents, BatchesUnderWay);
        await paced.MeasureAtRateAsync(plan.EventsPerSecond, LoadAround, cancellationToken);
        var (seconds, latency, pauses, quiet) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (int window = 0; window < plan.Windows; window++)
        {
            await using (var pause = new LongestPause())
            {
                quiet.Add((await paced.MeasureAtRateAsync(plan.EventsPerSecond, LoadAround * 2, cancellationToken)).Latency.Percentile(99).TotalMilliseconds);
                pauses.Add(pause.Length.TotalMilliseconds);
            }

            Task<IngestResult> load = paced.MeasureAtRateAsync(plan.EventsPerSecond, LoadAround * 2, cancellationToken);
            seconds.Add(await RollOutAsync(cancellationToken));
            latency.Add((await load).Latency.Percentile(99).TotalMilliseconds);
            Console.WriteLine($"  p99 {latency[^1]:N0} ms meanwhile, {quiet[^1]:N0} ms without; longest pause of the collector {pauses[^1]:N0} ms");
        }

        Add("roll-out, everybody in memory, under load", "s", 6, seconds);
        Add("due to durable while it rolls out, p99", "ms", 250, latency);
        Add("due to durable without a roll-out, p99", "ms", null, quiet);
        Add("longest pause of the collector under load", "ms", null, pauses);
    }

    /// <summary>Rolls out a model; returns the seconds from publication to completion.</summary>
    private async Task<double> RollOutAsync(CancellationToken cancellationToken)
    {
        long startedAt = Stopwatch.GetTimestamp();
        (int version, double share) = await ShiftedModel.PublishAsync(Host, MovedShare, cancellationToken);
        TimeSpan searched = Stopwatch.GetElapsedTime(startedAt);
        await Host.WaitForRolloutAsync(version, cancellationToken);
        var progress = await Host.Grains.GetGrain<Contracts.Models.IModelGrain>(0).Rollout();
        double seconds = (progress.CompletedAt!.Value - progress.StartedAt).TotalSeconds;
        Console.WriteLine($"  model {version}: {progress.Evaluated:N0} evaluated, {progress.Moved:N0} moved (of a sample {share:P1}) in {seconds:N1} s, after {searched.TotalSeconds:N1} s of looking for it");
        return seconds;
    }

    private async Task StartAsync(DateTimeOffset replayFrom) => _host = await SiloHost.StartAsync(
        new SiloSettings(StoreArguments.InFolder(folder), Urls: null, ReplayFrom: replayFrom, ScheduledTraining: false, IsQuiet: true),
        services => _watch = DueWatch.Replace(services, () => Host.Clock.GetUtcNow()),
        CancellationToken.None);

    private void Add(string name, string unit, double? bar, IReadOnlyList<double> runs) => _figures.Add(new Figure(name, unit, bar, true, runs));
}
