using System.Diagnostics.Metrics;
using OrleansSegments.ClientApi.Errors;

namespace OrleansSegments.ClientApi.Metrics;

/// <summary>All instruments of the HTTP API. Events are counted here instead of logged.</summary>
internal sealed class ClientApiMetrics
{
    public const string MeterName = "OrleansSegments.ClientApi";

    private static readonly double[] SecondsBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    private readonly Counter<long> _requestsRefused;

    public ClientApiMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        EventsAccepted = meter.CreateCounter<long>("segments.api.events.accepted", description: "Events acknowledged as durable, without duplicates.");
        EventsDuplicate = meter.CreateCounter<long>("segments.api.events.duplicate", description: "Events that were already counted before.");
        EventsRejected = meter.CreateCounter<long>("segments.api.events.rejected", description: "Events that can never be accepted.");
        _requestsRefused = meter.CreateCounter<long>("segments.api.ingestion.refused", description: "Ingestion requests refused as a whole, by error code.");
        RequestDuration = meter.CreateHistogram(
            "segments.api.ingestion.duration",
            "s",
            "Ingestion requests, from the first byte read to the answer.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = SecondsBounds });
        ChangeStreams = meter.CreateUpDownCounter<long>("segments.api.change.streams", description: "Open change streams.");
    }

    public Counter<long> EventsAccepted { get; }

    public Counter<long> EventsDuplicate { get; }

    public Counter<long> EventsRejected { get; }

    public Histogram<double> RequestDuration { get; }

    public UpDownCounter<long> ChangeStreams { get; }

    public void Refused(ApiError error) => _requestsRefused.Add(1, new KeyValuePair<string, object?>("code", error.Code));
}
