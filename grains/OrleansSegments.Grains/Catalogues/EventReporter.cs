using System.Text.Json;
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

    /// <summary>Refused merges listed of one interval; all are counted.</summary>
    private const int RefusedMergesMax = 20;

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _reporting = new(1, 1);
    private readonly EventSurvey _survey = new();
    private readonly Dictionary<(IgnoredReason Reason, string Field), IgnoredField> _ignored = [];
    private readonly List<RejectedEvent> _refusedMerges = [];

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
    public void Ignore(IgnoredReason reason, string field, long count, string example = "")
    {
        if (count > 0)
        {
            lock (_lock)
            {
                Add(new IgnoredField(reason, field, count, example));
            }
        }
    }

    /// <summary>Counts a merge that is refused, and lists it as the alias call that would ask for it again.</summary>
    /// <param name="reason">never_merged: an id is on the list of ids that name nobody. too_many_aliases: the customer has as many as it may.</param>
    public void RefuseMerge(string reason, string customerId, string aliasId)
    {
        metrics.MergeRefused(reason);
        lock (_lock)
        {
            if (_refusedMerges.Count < RefusedMergesMax)
            {
                string json = JsonSerializer.Serialize(new { type = "alias", userId = customerId, previousId = aliasId });
                string message = $"\"{aliasId}\" was not merged into \"{customerId}\"; the event itself counted. docs/events.md names the limits of merges.";
                _refusedMerges.Add(new RejectedEvent(0, reason, message, clock.GetUtcNow(), null, json, IsWhole: true));
            }
        }
    }

    /// <summary>Sends what was taken since the last call. On return everything that was taken before is reported.</summary>
    public async Task ReportAsync()
    {
        await _reporting.WaitAsync();
        try
        {
            (SeenEvents? seen, RejectedEvent[] refusedMerges) = Drain();
            if (refusedMerges.Length > 0)
            {
                await grains.GetGrain<IRejectionsGrain>(0).Add(refusedMerges);
            }

            if (seen is not null)
            {
                await grains.GetGrain<IEventCatalogueGrain>(0).Report(seen);
            }
        }
        finally
        {
            _reporting.Release();
        }
    }

    public override void Dispose()
    {
        _reporting.Dispose();
        base.Dispose();
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

    private (SeenEvents? Seen, RejectedEvent[] RefusedMerges) Drain()
    {
        lock (_lock)
        {
            RejectedEvent[] refusedMerges = [.. _refusedMerges];
            _refusedMerges.Clear();
            if (_survey.IsEmpty && _ignored.Count == 0)
            {
                return (null, refusedMerges);
            }

            (IReadOnlyList<SurveyedEvent> events, long beyond) = _survey.Drain();
            DateTimeOffset now = clock.GetUtcNow();
            var seen = new SeenEvents(
                [.. events.Select(Show)], [.. _ignored.Values.Select(x => new IgnoredValue(x.Reason.NameOf(), x.Field, x.Count, x.LastExample, now))], beyond);
            _ignored.Clear();
            return (seen, refusedMerges);
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "Reporting what arrived failed; what this second saw is in the metrics only")]
    private static partial void LogReportFailed(ILogger logger, Exception problem);
}
