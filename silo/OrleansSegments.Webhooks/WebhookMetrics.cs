using System.Diagnostics.Metrics;

namespace OrleansSegments.Webhooks;

/// <summary>All instruments of webhooks; dashboards depend on their names.</summary>
internal sealed class WebhookMetrics : IDisposable
{
    private const string MeterName = "OrleansSegments.Webhooks";

    private static readonly KeyValuePair<string, object?> Delivered = new("outcome", "delivered");
    private static readonly KeyValuePair<string, object?> Failed = new("outcome", "failed");

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _deliveries;

    public WebhookMetrics() =>
        _deliveries = _meter.CreateCounter<long>("segments.webhooks.deliveries", "{delivery}", "Messages to receivers of webhooks after their quick retries, by outcome.");

    public void Sent(bool isDelivered) => _deliveries.Add(1, isDelivered ? Delivered : Failed);

    /// <summary>Registers the gauges, which are read on collection.</summary>
    /// <param name="states">The state of each webhook of this silo and how many transitions it is behind.</param>
    public void Observe(IReadOnlyCollection<string> all, Func<IReadOnlyList<(string State, long Lag)>> states)
    {
        _meter.CreateObservableGauge(
            "segments.webhooks",
            () => states() is var now ? all.Select(state => new Measurement<long>(now.Count(one => one.State == state), new KeyValuePair<string, object?>("state", state))) : [],
            "{webhook}",
            "Webhooks of this silo by state.");
        _meter.CreateObservableGauge(
            "segments.webhooks.lag",
            () => states().Where(static one => one.State != WebhookStates.Disabled).Select(static one => one.Lag).DefaultIfEmpty().Max(),
            "{transition}",
            "Transitions that the webhook of this silo that is furthest behind has not delivered; disabled ones do not count.");
        _deliveries.Add(0, Delivered);
        _deliveries.Add(0, Failed);
    }

    public void Dispose() => _meter.Dispose();
}
