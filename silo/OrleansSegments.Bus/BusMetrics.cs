using System.Diagnostics.Metrics;

namespace OrleansSegments.Bus;

/// <summary>All instruments of the bus.</summary>
internal sealed class BusMetrics
{
    private readonly Counter<long> _messages;
    private readonly Counter<long> _published;

    public BusMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create("OrleansSegments.Bus");
        _messages = meter.CreateCounter<long>(
            "segments.bus.messages", "{message}", "Messages with events: taken, refused (to the error queue), waited (the store was busy; tried again).");
        _published = meter.CreateCounter<long>("segments.bus.published", "{message}", "Messages that the broker has confirmed.");
    }

    public void Taken() => Count("taken");

    public void Refused() => Count("refused");

    public void Waited() => Count("waited");

    public void Published() => _published.Add(1);

    private void Count(string outcome) => _messages.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
}
