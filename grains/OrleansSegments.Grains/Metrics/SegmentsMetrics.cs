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

/// <summary>All instruments of the grains; dashboards depend on their names.</summary>
public sealed class SegmentsMetrics : IDisposable
{
    public const string MeterName = "OrleansSegments";

    private static readonly KeyValuePair<string, object?>[] Causes =
        [.. Enum.GetNames<ActivationCause>().Select(name => new KeyValuePair<string, object?>("cause", name.ToLowerInvariant()))];

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
        _routeSeconds = _meter.CreateHistogram<double>("segments.route.duration", "s", "From a batch's arrival at the router to its durable effect.");
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

    public void Dispose() => _meter.Dispose();
}
