using System.Diagnostics.Metrics;
using OrleansSegments.Engine.Features;

namespace OrleansSegments.Grains.Metrics;

/// <summary>
/// Why a customer was activated. Work on the whole population activates nobody, except after a conflicting concurrent change.
/// </summary>
public enum ActivationCause
{
    Event,
    Query,
    Conflict,
}

/// <summary>How a training, or an attempt at one, ended.</summary>
public enum TrainingEnd
{
    Published,

    /// <summary>Not published: a quality gate refused it.</summary>
    Kept,

    /// <summary>There were too few customers.</summary>
    Skipped,

    /// <summary>It starts over, because customers were added or removed between its steps.</summary>
    Repeated,
    Failed,
}

/// <summary>All instruments of the grains; dashboards depend on their names.</summary>
public sealed class SegmentsMetrics : IDisposable
{
    public const string MeterName = "OrleansSegments";

    private static readonly double[] SecondsBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    private static readonly KeyValuePair<string, object?>[] Causes = TagsOf<ActivationCause>("cause");
    private static readonly KeyValuePair<string, object?>[] Ends = TagsOf<TrainingEnd>("outcome");

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _accepted;
    private readonly Counter<long> _duplicates;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _deadlines;
    private readonly Counter<long> _rolloutMoves;
    private readonly Counter<long> _activations;
    private readonly Counter<long> _merges;
    private readonly Counter<long> _mergesRefused;
    private readonly Counter<long> _ignored;
    private readonly Counter<long> _trainings;
    private readonly Histogram<double> _routeSeconds;

    public SegmentsMetrics()
    {
        _accepted = _meter.CreateCounter<long>("segments.events.accepted", "{event}", "Events whose effect is durable.");
        _duplicates = _meter.CreateCounter<long>("segments.events.duplicate", "{event}", "Events that were already counted before.");
        _rejected = _meter.CreateCounter<long>("segments.events.rejected", "{event}", "Events that can never be accepted.");
        _refused = _meter.CreateCounter<long>("segments.batches.refused", "{batch}", "Batches refused for now, because of overload or an unavailable store.");
        _deadlines = _meter.CreateCounter<long>("segments.deadlines.served", "{customer}", "Customers evaluated because their deadline had passed.");
        _rolloutMoves = _meter.CreateCounter<long>("segments.rollout.moved", "{customer}", "Customers that a new model moved.");
        _activations = _meter.CreateCounter<long>("segments.customers.activated", "{customer}", "Customers brought into memory, by cause.");
        _merges = _meter.CreateCounter<long>("segments.customers.merged", "{customer}", "Ids that became an alias of a customer.");
        _mergesRefused = _meter.CreateCounter<long>("segments.merges.refused", "{event}", "Events that named two ids which are not merged, by reason.");
        _ignored = _meter.CreateCounter<long>("segments.events.ignored", "{value}", "Values and traits without effect, by reason.");
        _trainings = _meter.CreateCounter<long>("segments.trainings", "{training}", "Trainings that ended, by outcome.");
        _routeSeconds = _meter.CreateHistogram(
            "segments.route.duration",
            "s",
            "From a batch's arrival at the router to its durable effect.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = SecondsBounds });
    }

    /// <summary>
    /// Exports the counters of rare events before the first one: Prometheus sees no increase in a series whose first value is 1. To be called
    /// when the meters are listened to.
    /// </summary>
    public void StartAtZero()
    {
        _deadlines.Add(0);
        _rolloutMoves.Add(0);
        foreach (KeyValuePair<string, object?> end in Ends)
        {
            _trainings.Add(0, end);
        }
    }

    public void BatchRouted(int accepted, int duplicates, int rejected, TimeSpan elapsed)
    {
        _accepted.Add(accepted);
        _duplicates.Add(duplicates);
        _rejected.Add(rejected);
        _routeSeconds.Record(elapsed.TotalSeconds);
    }

    public void BatchRefused() => _refused.Add(1);

    public void DeadlinesServed(int customers) => _deadlines.Add(customers);

    public void RolloutMoved(int customers) => _rolloutMoves.Add(customers);

    public void Trained(TrainingEnd end) => _trainings.Add(1, Ends[(int)end]);

    public void Merged() => _merges.Add(1);

    public void MergeRefused(string reason) => _mergesRefused.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Activated(ActivationCause cause) => _activations.Add(1, Causes[(int)cause]);

    public void Ignored(IgnoredReason reason, long count)
    {
        if (count > 0)
        {
            _ignored.Add(count, new KeyValuePair<string, object?>("reason", reason.NameOf()));
        }
    }

    /// <summary>Registers a gauge that is read on collection, for example population, live customers or queued changes.</summary>
    public void Observe(string name, string unit, string description, Func<long> read) =>
        _meter.CreateObservableGauge(name, read, unit, description);

    /// <summary>Registers a gauge with one value for each tag.</summary>
    public void Observe(string name, string unit, string description, Func<IEnumerable<Measurement<long>>> read) =>
        _meter.CreateObservableGauge(name, read, unit, description);

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?>[] TagsOf<T>(string key)
        where T : struct, Enum => [.. Enum.GetNames<T>().Select(name => new KeyValuePair<string, object?>(key, name.ToLowerInvariant()))];
}
