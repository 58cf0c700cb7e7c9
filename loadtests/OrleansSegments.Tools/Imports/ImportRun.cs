using System.Diagnostics;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.Silo.CommandLine;
using OrleansSegments.Silo.Hosting;
using OrleansSegments.Tools.Replay;

namespace OrleansSegments.Tools.Imports;

/// <summary>One import from the first line to the printed segments.</summary>
internal sealed class ImportRun(IDataSetReader reader, ImportSource source, StoreArguments store, string? featuresFile, int? segmentCount)
{
    private readonly ImportCounters _counters = new();

    public async Task RunAsync(bool asJson, CancellationToken cancellationToken)
    {
        using IEnumerator<ReplayEvent> events = reader.Read(source, _counters).GetEnumerator();
        List<ReplayEvent> first = TakeFirst(events);
        var settings = new SiloSettings(store, Urls: null, featuresFile, IsImport: true, ScheduledTraining: false, IsQuiet: true);
        await using SiloHost host = await SiloHost.StartAsync(settings, cancellationToken);
        await using var pipeline = new EventPipeline(host.Grains);
        long startedAt = Stopwatch.GetTimestamp();
        await ReplayAsync(host, pipeline, first, events, cancellationToken);
        double seconds = Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
        TrainingReport report = await host.Grains.GetGrain<ITrainingGrain>(0).Train(new TrainingRequest(segmentCount));
        if (report.Published)
        {
            await host.WaitForRolloutAsync(report.Summary!.Version, cancellationToken);
        }

        SegmentCensus census = await SegmentTable.ReadAsync(host.Grains);
        Print(asJson, Summarise(host, pipeline, census, seconds), census, report, host);
    }

    /// <summary>The first batch, read before a store is opened: a file of which nothing can be stored leaves everything as it was.</summary>
    private List<ReplayEvent> TakeFirst(IEnumerator<ReplayEvent> events)
    {
        var first = new List<ReplayEvent>(EventPipeline.BatchEvents);
        while (first.Count < EventPipeline.BatchEvents && events.MoveNext())
        {
            first.Add(events.Current);
        }

        return first.Count > 0 ? first : throw new ImportException(ImportFault.NothingToImport, NothingMade());
    }

    private string NothingMade()
    {
        string reasons = string.Join(", ", _counters.LinesSkipped.Select(reason => $"{reason.Value:N0} {reason.Key}"));
        return $"'{source.Name}' holds nothing that could be imported as {reader.Name}: {_counters.LinesRead:N0} lines read, skipped: {(reasons.Length > 0 ? reasons : "none")}. "
            + $"What is read: {reader.Description} Name the format that fits the file, or export it again.";
    }

    private async Task ReplayAsync(
        SiloHost host, EventPipeline pipeline, List<ReplayEvent> first, IEnumerator<ReplayEvent> rest, CancellationToken cancellationToken)
    {
        var clock = host.Clock as ReplayClock;
        long present = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var progress = new ProgressLine(Console.Error);
        foreach (ReplayEvent replayed in first.Concat(Remaining(rest)))
        {
            // A file may hold dates of the far future; the clock must not follow them, or everybody would age by centuries.
            clock?.AdvanceTo(DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(replayed.Event.OccurredAtMilliseconds, present)));
            await pipeline.SendAsync(replayed.Event, cancellationToken);
            if (progress.IsDue)
            {
                progress.Write($"{_counters.LinesRead:N0} lines, {pipeline.Accepted:N0} events, {_counters.Customers:N0} customers{Percent()}");
            }
        }

        await pipeline.DrainAsync(cancellationToken);
        if (pipeline.Accepted + pipeline.Duplicates == 0)
        {
            throw new ImportException(ImportFault.NothingToImport, $"None of the {_counters.EventsMade:N0} events of '{source.Name}' could be stored. The first: {pipeline.FirstRejection}");
        }

        progress.End($"{_counters.LinesRead:N0} lines read, {pipeline.Accepted:N0} events stored; training");
    }

    private static IEnumerable<ReplayEvent> Remaining(IEnumerator<ReplayEvent> rest)
    {
        while (rest.MoveNext())
        {
            yield return rest.Current;
        }
    }

    private string Percent() => source.Length is { } length and > 0 ? $", {100.0 * source.BytesRead / length:N0} %" : "";

    private RunSummary Summarise(SiloHost host, EventPipeline pipeline, SegmentCensus census, double seconds) => new()
    {
        Events = pipeline.Accepted,
        EventsPerSecond = Math.Round(pipeline.Accepted / Math.Max(seconds, 1e-3)),
        LatencyMsP50 = Math.Round(pipeline.LatencyMilliseconds(50), 2),
        LatencyMsP99 = Math.Round(pipeline.LatencyMilliseconds(99), 2),
        Customers = _counters.Customers,
        Segments = SegmentTable.Summarise(census),
        ModelVersion = census.ModelVersion,
        SumOfSizes = census.Segments.Sum(s => s.Size),
        Seconds = Math.Round(seconds, 2),
        Duplicates = pipeline.Duplicates,
        Rejected = pipeline.Rejected,
        LinesRead = _counters.LinesRead,
        LinesSkipped = _counters.LinesSkipped,
        Transactions = _counters.Transactions,
        Store = host.StoreName,
    };

    private static void Print(bool asJson, RunSummary summary, SegmentCensus census, TrainingReport report, SiloHost host)
    {
        if (!report.Published)
        {
            Console.Error.WriteLine($"No model was published: {report.Reason}");
        }

        if (asJson)
        {
            SummaryOutput.PrintJson(summary);
            return;
        }

        Console.WriteLine($"{summary.LinesRead:N0} lines read, {summary.Customers:N0} customers, {summary.Transactions:N0} transactions in {summary.Seconds:N1} s");
        foreach ((string reason, long lines) in summary.LinesSkipped!)
        {
            Console.WriteLine($"  {lines:N0} lines skipped: {reason}");
        }

        SegmentTable.Print(Console.Out, census);
        Console.WriteLine($"Serve them with: ./segments up {host.ServeOptions}");
        if (host.Clock is ReplayClock clock && !SiloClock.IsPresent(clock.GetUtcNow()))
        {
            Console.WriteLine($"They end on {clock.GetUtcNow():yyyy-MM-dd} and are served at that time. To go on with events of today: ./segments up {host.ServeOptions} --system-clock");
        }
    }
}
