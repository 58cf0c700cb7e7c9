using System.Diagnostics;
using System.Text.Json.Nodes;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.LoadGenerator;
using OrleansSegments.Silo.CommandLine;
using OrleansSegments.Silo.Hosting;
using OrleansSegments.Tools.Load;
using OrleansSegments.Tools.Replay;

namespace OrleansSegments.Tools.Imports;

/// <summary>One import from the first line to the printed summary.</summary>
internal sealed class ImportRun(IDataSetReader reader, ImportSource source, bool asJson)
{
    private readonly ImportCounters _counters = new();

    /// <summary>Reading and sending, without starting a silo and training.</summary>
    private double _seconds;

    /// <summary>Replays the file into a store on event time, trains, prints the segments.</summary>
    public async Task IntoStoreAsync(StoreArguments store, string? featuresFile, int? segmentCount, CancellationToken cancellationToken)
    {
        using IEnumerator<ReplayEvent> events = reader.Read(source, _counters).GetEnumerator();
        List<ReplayEvent> first = TakeFirst(events);
        var settings = new SiloSettings(store, Urls: null, featuresFile, IsImport: true, ScheduledTraining: false, IsQuiet: true);
        await using SiloHost host = await SiloHost.StartAsync(settings, cancellationToken);
        await using var pipeline = new EventPipeline(host.Grains);
        await SendAsync(pipeline, host.Clock as ReplayClock, first, events, host.StoreName, cancellationToken);
        TrainingReport report = await host.Grains.GetGrain<ITrainingGrain>(0).Train(new TrainingRequest(segmentCount));
        if (report.Published)
        {
            await host.WaitForRolloutAsync(report.Summary!.Version, cancellationToken);
        }
        else
        {
            Console.Error.WriteLine($"No model was published: {report.Reason}");
        }

        SegmentCensus census = await SegmentTable.ReadAsync(host.Grains);
        RunSummary summary = Summarise(pipeline, SegmentTable.Summarise(census), census.ModelVersion, host.StoreName) with { EventsUnread = Unread(host) };
        if (asJson)
        {
            SummaryOutput.PrintJson(summary);
            return;
        }

        Print(summary, pipeline);
        SegmentTable.Print(Console.Out, census);
        Console.WriteLine($"Serve them with: ./segments up {host.ServeOptions}");
        if (host.Clock is ReplayClock clock && !SiloClock.IsPresent(clock.GetUtcNow()))
        {
            Console.WriteLine($"They end on {clock.GetUtcNow():yyyy-MM-dd} and are served at that time. To go on with events of today: ./segments up {host.ServeOptions} --system-clock");
        }
    }

    /// <summary>Sends the file to a running silo, which trains by its own schedule.</summary>
    public async Task IntoApiAsync(Uri api, string key, CancellationToken cancellationToken)
    {
        await LoadCommand.RequireAnswerAsync(api, cancellationToken);
        using IEnumerator<ReplayEvent> events = reader.Read(source, _counters).GetEnumerator();
        List<ReplayEvent> first = TakeFirst(events);
        using var client = new HttpMessageInvoker(new SocketsHttpHandler { MaxConnectionsPerServer = EventPipeline.BatchesUnderWayMax, UseCookies = false });
        await using var pipeline = new EventPipeline(new HttpDestination(new BatchClient(client, api, key, TimeProvider.System), TimeProvider.System));
        await SendAsync(pipeline, clock: null, first, events, api.ToString(), cancellationToken);
        JsonObject? census = await LoadSummary.CensusAsync(api, key, "--key", cancellationToken);
        SegmentSummary[] segments = [.. census?["segments"]!.AsArray().Select(s => new SegmentSummary((string)s!["id"]!, (string)s["name"]!, (long)s["size"]!, [])) ?? []];
        RunSummary summary = Summarise(pipeline, segments, (int?)census?["modelVersion"] ?? 0, api.ToString());
        if (asJson)
        {
            SummaryOutput.PrintJson(summary);
            return;
        }

        Print(summary, pipeline);
        Console.WriteLine($"They are in the segments of {api}. To train on them at once: curl -u ADMIN_KEY: -X POST {new Uri(api, "/v1/model/train")}");
    }

    /// <summary>The first batch, read before a store is opened: a file of which nothing can be stored leaves everything as it was.</summary>
    private List<ReplayEvent> TakeFirst(IEnumerator<ReplayEvent> events)
    {
        long startedAt = Stopwatch.GetTimestamp();
        var first = new List<ReplayEvent>(EventPipeline.BatchEvents);
        while (first.Count < EventPipeline.BatchEvents && events.MoveNext())
        {
            first.Add(events.Current);
        }

        _seconds = Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
        string readable = $"What {reader.Name} reads: {reader.Description} Name the format that fits the file, or export it again.";
        if (first.Count == 0)
        {
            throw new ImportException(
                ImportFault.NothingToImport, $"'{source.Name}' holds nothing that could be imported as {reader.Name}: {_counters.LinesRead:N0} lines read, skipped: {Reasons()}. {readable}{Shown()}");
        }

        RequireMostRead($"Nothing was stored. {readable}");
        return first;
    }

    /// <summary>An import that skips most of a file was probably given another file than it was told.</summary>
    private void RequireMostRead(string consequence)
    {
        if (_counters is { IsComplete: true, SkippedMost: true })
        {
            throw new ImportException(
                ImportFault.MostLinesSkipped,
                $"{_counters.LinesSkippedTotal:N0} of {_counters.LinesRead:N0} lines of '{source.Name}' were skipped ({Reasons()}); at most half may be. {consequence}{Shown()}");
        }
    }

    private string Reasons() => _counters.LinesSkipped.Count == 0 ? "none" : string.Join(", ", _counters.LinesSkipped.Select(reason => $"{reason.Value:N0} {reason.Key}"));

    private string Shown() => _counters.ShowFirst() is { Length: > 0 } lines ? $"{Environment.NewLine}The first:{Environment.NewLine}{lines}" : "";

    private async Task SendAsync(
        EventPipeline pipeline, ReplayClock? clock, List<ReplayEvent> first, IEnumerator<ReplayEvent> rest, string destination, CancellationToken cancellationToken)
    {
        long present = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        long startedAt = Stopwatch.GetTimestamp();
        var progress = new ProgressLine(Console.Error);
        foreach (ReplayEvent replayed in first.Concat(Remaining(rest)))
        {
            // A file may hold dates of the far future; the clock must not follow them, or everybody would age by centuries.
            clock?.AdvanceTo(DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(replayed.Event.OccurredAtMilliseconds, present)));
            await pipeline.SendAsync(replayed, cancellationToken);
            if (progress.IsDue)
            {
                progress.Write($"{_counters.LinesRead:N0} lines, {pipeline.Accepted:N0} events, {_counters.Customers:N0} customers{Percent()}");
            }
        }

        await pipeline.DrainAsync(cancellationToken);
        _seconds += Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
        if (pipeline.Rejected > pipeline.Accepted + pipeline.Duplicates)
        {
            throw new ImportException(
                ImportFault.NothingToImport,
                $"{(pipeline.Accepted + pipeline.Duplicates == 0 ? "None" : $"Only {pipeline.Accepted + pipeline.Duplicates:N0}")} of the {_counters.EventsMade:N0} events of '{source.Name}' could be stored. "
                + $"The first: {string.Join(" ", pipeline.Rejections.Values.Select(rejection => $"line {rejection.Line}: {rejection.Message}"))}");
        }

        RequireMostRead($"What was read is in {destination}, without a training.");
        progress.End($"{_counters.LinesRead:N0} lines read, {pipeline.Accepted:N0} events stored{(clock is null ? "" : "; training")}");
    }

    private static IEnumerable<ReplayEvent> Remaining(IEnumerator<ReplayEvent> rest)
    {
        while (rest.MoveNext())
        {
            yield return rest.Current;
        }
    }

    private string Percent() => source.Length is { } length and > 0 ? $", {100.0 * source.BytesRead / length:N0} %" : "";

    private RunSummary Summarise(EventPipeline pipeline, IReadOnlyList<SegmentSummary> segments, int modelVersion, string store) => new()
    {
        Events = pipeline.Accepted,
        EventsPerSecond = Math.Round(pipeline.Accepted / Math.Max(_seconds, 1e-3)),
        LatencyMsP50 = Math.Round(pipeline.LatencyMilliseconds(50), 2),
        LatencyMsP99 = Math.Round(pipeline.LatencyMilliseconds(99), 2),
        Customers = _counters.Customers,
        Segments = segments,
        ModelVersion = modelVersion,
        SumOfSizes = segments.Sum(s => s.Size),
        Seconds = Math.Round(_seconds, 2),
        Duplicates = pipeline.Duplicates,
        Rejected = pipeline.Rejected,
        RejectedEvents = pipeline.Rejections.ToDictionary(rejection => rejection.Key, rejection => rejection.Value.Events),
        LinesRead = _counters.LinesRead,
        LinesSkipped = _counters.LinesSkipped,
        SkippedExamples = [.. _counters.Examples.Select(line => new SkippedExample(line.Reason, line.Line, line.Field, line.Value))],
        Transactions = _counters.Transactions,
        Store = store,
    };

    private Dictionary<string, long> Unread(SiloHost host) => _counters.Events
        .Where(made => made.Key.Kind is EventKind.Track or EventKind.Page or EventKind.Screen && !host.Reads(made.Key.Kind, made.Key.Name))
        .ToDictionary(made => made.Key.Name ?? $"({made.Key.Kind.ToString().ToLowerInvariant()})", made => made.Value);

    private void Print(RunSummary summary, EventPipeline pipeline)
    {
        Console.WriteLine($"{summary.LinesRead:N0} lines read, {summary.Customers:N0} customers, {summary.Transactions:N0} transactions in {summary.Seconds:N1} s");
        foreach (SkippedLine example in _counters.Examples)
        {
            Console.WriteLine($"  {_counters.LinesSkipped[example.Reason]:N0} lines skipped: {example.Reason}, as {example}");
        }

        foreach ((string code, RejectionCount rejection) in pipeline.Rejections)
        {
            Console.WriteLine($"  {rejection.Events:N0} events rejected: {code}, as line {rejection.Line}: {rejection.Message}");
        }

        if (summary.EventsUnread is { Count: > 0 } unread)
        {
            Console.WriteLine($"  read by no feature: {string.Join(", ", unread.Select(name => $"{name.Key} ({name.Value:N0})"))}");
        }
    }
}
