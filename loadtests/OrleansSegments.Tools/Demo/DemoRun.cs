using System.Diagnostics;
using OrleansSegments.ClientApi.Console;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.Silo.CommandLine;
using OrleansSegments.Silo.Hosting;
using OrleansSegments.Simulator;
using OrleansSegments.Tools.Replay;

namespace OrleansSegments.Tools.Demo;

/// <summary>One demonstration: history, first training, the measured simulation with its story, the summary.</summary>
internal sealed class DemoRun(DemoOptions options)
{
    /// <summary>Simulated time between looks at deadlines and the view.</summary>
    private static readonly TimeSpan SliceLength = TimeSpan.FromHours(6);

    // The simulated days end about where the present is; the exact day depends on how fast the machine is. So do the days of the story, which are set
    // after the history: until then they are still to come.
    private readonly Simulation _prologue = new(new SimulationOptions
    {
        Story = new Story(),
        Customers = options.Customers,
        Seed = options.Seed,
        Days = 3_650,
        SliceLength = SliceLength,
        Start = new DateTimeOffset(TimeProvider.System.GetUtcNow().UtcDateTime.Date.AddDays(-DemoOptions.HistoryDays - 30), TimeSpan.Zero),
    });

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var settings = new SiloSettings(
            options.Store, options.Urls, ReplayFrom: _prologue.Options.Start, ScheduledTraining: false, IsQuiet: true);
        await using SiloHost host = await SiloHost.StartAsync(settings, cancellationToken);
        (options.AsJson ? Console.Error : Console.Out).WriteLine($"Console: {ConsoleLink.Make(host.App)}");
        host.App.Services.PrintGeneratedKeys(Console.Error);
        await using var pipeline = new EventPipeline(host.Grains);
        double daysPerSecond = await MakeHistoryAsync(host, pipeline, cancellationToken);
        long historyEvents = pipeline.Accepted;
        DemoStory story = DemoStory.Plan(_prologue.Options, DemoOptions.HistoryDays, daysPerSecond * options.Duration.TotalSeconds);
        await using var shoppers = new ShopperSource(story.Simulation, DemoOptions.HistoryDays);
        var stage = new DemoStage(host, pipeline, shoppers);
        await stage.TrainAsync(cancellationToken);
        RunSummary summary = await SimulateAsync(stage, story, cancellationToken) with { HistoryEvents = historyEvents };
        SegmentCensus census = await SegmentTable.ReadAsync(host.Grains);
        Print(summary, census);
        if (!options.Exit)
        {
            // Simulated time may have ended before the present. Events that somebody sends now must not lie in the store's future.
            stage.Clock.AdvanceTo(TimeProvider.System.GetUtcNow());
            stage.Clock.Run();
            host.Announce();
            await host.WaitForStopAsync(cancellationToken);
        }
    }

    /// <summary>Returns the simulated days per second towards its end, when code is compiled and customers are in memory.</summary>
    private async Task<double> MakeHistoryAsync(SiloHost host, EventPipeline pipeline, CancellationToken cancellationToken)
    {
        await using var shoppers = new ShopperSource(_prologue);
        var stage = new DemoStage(host, pipeline, shoppers);
        var progress = new ProgressLine(Console.Error);
        await PlayUntilAsync(stage, DemoOptions.HistoryDays - DemoOptions.PaceDays, progress, cancellationToken);
        long paceFrom = Stopwatch.GetTimestamp();
        await PlayUntilAsync(stage, DemoOptions.HistoryDays, progress, cancellationToken);
        await pipeline.DrainAsync(cancellationToken);
        progress.End($"history: {DemoOptions.HistoryDays} days, {pipeline.Accepted:N0} events, {host.Population:N0} customers; training");
        return DemoOptions.PaceDays / Stopwatch.GetElapsedTime(paceFrom).TotalSeconds;
    }

    private async Task PlayUntilAsync(DemoStage stage, int day, ProgressLine progress, CancellationToken cancellationToken)
    {
        DateTimeOffset start = _prologue.Options.Start;
        while (stage.Clock.GetUtcNow() < start.AddDays(day) && await stage.PlaySliceAsync(cancellationToken))
        {
            if (progress.IsDue)
            {
                progress.Write($"history: {(stage.Clock.GetUtcNow() - start).TotalDays:N0} of {DemoOptions.HistoryDays} days, "
                    + $"{stage.Pipeline.Accepted:N0} events, {stage.Host.Population:N0} customers");
            }
        }
    }

    private async Task<RunSummary> SimulateAsync(DemoStage stage, DemoStory story, CancellationToken cancellationToken)
    {
        stage.Pipeline.ResetLatency();
        long eventsBefore = stage.Pipeline.Accepted;
        long transitionsBefore = stage.Host.TransitionsCommitted;
        long startedAt = Stopwatch.GetTimestamp();
        DateTimeOffset nextTraining = default;
        using IDemoView view = DemoViews.Create(stage, options);
        while ((Stopwatch.GetElapsedTime(startedAt) < options.Duration || !story.IsTold) && await stage.PlaySliceAsync(cancellationToken))
        {
            if (!story.IsTold)
            {
                await story.TellAsync(stage, view, cancellationToken);
                nextTraining = stage.Clock.GetUtcNow().AddDays(DemoOptions.TrainingDays);
            }
            else if (stage.Clock.GetUtcNow() >= nextTraining)
            {
                nextTraining = stage.Clock.GetUtcNow().AddDays(DemoOptions.TrainingDays);
                stage.BeginTraining(new TrainingRequest(), cancellationToken);
            }

            await view.RefreshAsync();
        }

        await stage.Pipeline.DrainAsync(cancellationToken);
        double seconds = Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
        await stage.SettleAsync(cancellationToken);
        SegmentCensus census = await SegmentTable.ReadAsync(stage.Host.Grains);
        return new RunSummary
        {
            Events = stage.Pipeline.Accepted - eventsBefore,
            EventsPerSecond = Math.Round((stage.Pipeline.Accepted - eventsBefore) / seconds),
            LatencyMsP50 = Math.Round(stage.Pipeline.LatencyMilliseconds(50), 2),
            LatencyMsP99 = Math.Round(stage.Pipeline.LatencyMilliseconds(99), 2),
            Customers = census.Population,
            Segments = SegmentTable.Summarise(census),
            ModelVersion = census.ModelVersion,
            SumOfSizes = census.Segments.Sum(s => s.Size),
            Seconds = Math.Round(seconds, 2),
            Duplicates = stage.Pipeline.Duplicates,
            Rejected = stage.Pipeline.Rejected,
            Transitions = stage.Host.TransitionsCommitted - transitionsBefore,
            AdjustedRandIndex = Math.Round(await PersonaAgreement.ComputeAsync(stage.Host.Grains, story.Simulation, census, stage.Clock.GetUtcNow()), 4),
            Story = story.Told,
            Store = stage.Host.StoreName,
        };
    }

    private void Print(RunSummary summary, SegmentCensus census)
    {
        if (options.AsJson)
        {
            SummaryOutput.PrintJson(summary);
            return;
        }

        SegmentTable.Print(Console.Out, census);
        Console.WriteLine(
            $"{summary.Events:N0} durable events at {summary.EventsPerSecond:N0}/s, latency p50 {summary.LatencyMsP50:N1} ms, p99 {summary.LatencyMsP99:N1} ms, "
            + $"{summary.Transitions:N0} transitions");
        Console.WriteLine($"Agreement with the simulator's personas: adjusted Rand index {summary.AdjustedRandIndex:N3}");
    }
}

/// <summary>What to demonstrate.</summary>
internal sealed record DemoOptions(int Customers, TimeSpan Duration, ulong Seed, StoreArguments Store, string Urls, bool Exit, bool AsJson)
{
    /// <summary>Simulated days before the measured simulation, so that there is something to learn from.</summary>
    public const int HistoryDays = 21;

    /// <summary>The last days of the history, by which the pace of the run is estimated.</summary>
    public const int PaceDays = 7;

    /// <summary>Simulated days between trainings after the story.</summary>
    public const int TrainingDays = 7;
}
