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

    // The simulated days end about where the present is; the exact day depends on how fast the machine is. So do the days of the story: until the pace is
    // known they are still to come.
    private readonly Simulation _undated = new(new SimulationOptions
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
            options.Store, options.Urls, ReplayFrom: _undated.Options.Start, ScheduledTraining: false, IsQuiet: true);
        await using SiloHost host = await SiloHost.StartAsync(settings, cancellationToken);
        ConsoleLink.Print(host.App, options.AsJson ? Console.Error : Console.Out);
        host.App.Services.PrintGeneratedKeys(Console.Error);
        await using var pipeline = new EventPipeline(host.Grains);
        await using var shoppers = new ShopperSource(_undated);
        var stage = new DemoStage(host, pipeline, shoppers);

        long historyEvents = await MakeHistoryAsync(stage, cancellationToken);
        await stage.TrainAsync(cancellationToken);
        RunSummary summary = await SimulateAsync(stage, cancellationToken) with { HistoryEvents = historyEvents };
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

    private async Task<long> MakeHistoryAsync(DemoStage stage, CancellationToken cancellationToken)
    {
        var progress = new ProgressLine(Console.Error);
        DateTimeOffset until = _undated.Options.Start.AddDays(DemoOptions.HistoryDays);
        while (stage.Clock.GetUtcNow() < until && await stage.PlaySliceAsync(cancellationToken))
        {
            if (progress.IsDue)
            {
                progress.Write($"history: {(stage.Clock.GetUtcNow() - _undated.Options.Start).TotalDays:N0} of {DemoOptions.HistoryDays} days, "
                    + $"{stage.Pipeline.Accepted:N0} events, {stage.Host.Population:N0} customers");
            }
        }

        await stage.Pipeline.DrainAsync(cancellationToken);
        progress.End($"history: {DemoOptions.HistoryDays} days, {stage.Pipeline.Accepted:N0} events, {stage.Host.Population:N0} customers; training");
        return stage.Pipeline.Accepted;
    }

    private async Task<RunSummary> SimulateAsync(DemoStage stage, CancellationToken cancellationToken)
    {
        stage.Pipeline.ResetLatency();
        long eventsBefore = stage.Pipeline.Accepted;
        long transitionsBefore = stage.Host.TransitionsCommitted;
        long startedAt = Stopwatch.GetTimestamp();
        DemoStory story = await PlayAsync(stage, cancellationToken);
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

    /// <summary>Ordinary days first, by which the pace is known; then the story, and ordinary days with trainings until the time is over.</summary>
    private async Task<DemoStory> PlayAsync(DemoStage stage, CancellationToken cancellationToken)
    {
        long startedAt = Stopwatch.GetTimestamp();
        using IDemoView view = DemoViews.Create(stage, options);
        DateTimeOffset begin = stage.Clock.GetUtcNow();
        double days = 0;
        while ((Stopwatch.GetElapsedTime(startedAt) < options.Duration * DemoOptions.OrdinaryShare || days != Math.Floor(days)) && await stage.PlaySliceAsync(cancellationToken))
        {
            days = (stage.Clock.GetUtcNow() - begin).TotalDays;
            await view.RefreshAsync();
        }

        TimeSpan played = Stopwatch.GetElapsedTime(startedAt);
        int firstDay = DemoOptions.HistoryDays + (int)days;
        DemoStory story = DemoStory.Plan(_undated.Options, firstDay, days * ((options.Duration / played) - 1));
        await using var shoppers = new ShopperSource(story.Simulation, firstDay);
        stage.Shoppers = shoppers;
        DateTimeOffset nextTraining = default;
        while (Stopwatch.GetElapsedTime(startedAt) < options.Duration || !story.IsTold)
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

            if (!await stage.PlaySliceAsync(cancellationToken))
            {
                break;
            }

            await view.RefreshAsync();
        }

        return story;
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

    /// <summary>Share of the run before the story begins.</summary>
    public const double OrdinaryShare = 0.1;

    /// <summary>Simulated days between trainings after the story.</summary>
    public const int TrainingDays = 7;
}
