using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Engine.Events;
using OrleansSegments.Engine.Features;
using OrleansSegments.Grains.Metrics;

namespace OrleansSegments.Grains.Catalogues;

/// <summary>Collects what the silo's batches have seen and left out, and reports it to the event catalogue. Thread-safe.</summary>
public sealed partial class EventReporter(
    IGrainFactory grains, FeatureCatalogue catalogue, SegmentsMetrics metrics, TimeProvider clock, ILogger<EventReporter> logger) : BackgroundService
{
    /// <summary>One call a silo; what the event catalogue answers is this old.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly EventSurvey _survey = new();
    private readonly Dictionary<(IgnoredReason Reason, string Field), IgnoredField> _ignored = [];

    /// <summary>Takes what one batch has seen; called when it ends.</summary>
    public void Take(FactsWriter batch)
    {
        IReadOnlyList<IgnoredField> ignored = batch.Ignored.Drain();
        lock (_lock)
        {
            _survey.Take(batch.Survey!);
            foreach (IgnoredField one in ignored)
            {
                Add(one);
            }
        }
    }

    /// <summary>Counts what has no effect for a reason that is found elsewhere, such as a customer's traits beyond the limit.</summary>
    public void Ignore(IgnoredReason reason, string field, long count)
    {
        if (count > 0)
        {
            lock (_lock)
            {
                Add(new IgnoredField(reason, field, count, ""));
            }
        }
    }

    /// <summary>Sends what was taken since the last call.</summary>
    public async Task ReportAsync()
    {
        SeenEvents seen;
        lock (_lock)
        {
            if (_survey.IsEmpty && _ignored.Count == 0)
            {
                return;
            }

            (IReadOnlyList<SurveyedEvent> events, long beyond) = _survey.Drain();
            DateTimeOffset now = clock.GetUtcNow();
            seen = new SeenEvents(
                [.. events.Select(Show)], [.. _ignored.Values.Select(x => new IgnoredValue(x.Reason.NameOf(), x.Field, x.Count, x.LastExample, now))], beyond);
            _ignored.Clear();
        }

        await grains.GetGrain<IEventCatalogueGrain>(0).Report(seen);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await ReportAsync();
            }
            catch (Exception problem) when (problem is not OperationCanceledException)
            {
                LogReportFailed(logger, problem);
            }
        }
    }

    private void Add(IgnoredField one)
    {
        metrics.Ignored(one.Reason, one.Count);
        (IgnoredReason, string) key = (one.Reason, _ignored.Count < IgnoredInput.FieldsMax ? one.Field : IgnoredInput.OtherFields);
        _ignored[key] = _ignored.TryGetValue(key, out IgnoredField? known) ? one with { Field = known.Field, Count = known.Count + one.Count } : one with { Field = key.Item2 };
    }

    private SeenEvent Show(SurveyedEvent seen) => new(
        seen.Type.ToString().ToLowerInvariant(), seen.Type == EventType.Track ? catalogue.EventNames.Of(seen.Name) : null, seen.Count,
        DateTimeOffset.FromUnixTimeMilliseconds(seen.FirstAt), DateTimeOffset.FromUnixTimeMilliseconds(seen.LastAt), seen.IsRead,
        [.. seen.Properties.Select(x => new SeenProperty(x.Name, x.Types, x.IsRead))], seen.BeyondProperties);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Reporting to the event catalogue failed; what this second saw is not in it")]
    private static partial void LogReportFailed(ILogger logger, Exception problem);
}
