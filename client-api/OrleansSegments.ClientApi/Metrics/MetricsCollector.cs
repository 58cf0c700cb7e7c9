using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using OrleansSegments.ClientApi.Hosting;

namespace OrleansSegments.ClientApi.Metrics;

/// <summary>Listens to every meter of ours from its making on and keeps what /metrics shows.</summary>
internal sealed class MetricsCollector : IDisposable
{
    private const string MeterPrefix = "OrleansSegments";

    private readonly MeterListener _listener = new();
    private readonly SeriesBudget _budget;
    private readonly Lock _lock = new();
    private readonly List<MetricInstrument> _instruments = [];

    public MetricsCollector(IOptions<ClientApiOptions> options)
    {
        _budget = new SeriesBudget(options.Value.MetricSeriesMax);
        _listener.InstrumentPublished = Publish;
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<float>(static (_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<short>(static (_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<byte>(static (_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, state) => Record(state, (double)value, tags));
        _listener.Start();
    }

    /// <summary>Measurements that were left out because there were too many series.</summary>
    public long MeasurementsDropped => _budget.MeasurementsDropped;

    /// <summary>Asks the observable instruments and returns all, ordered by name.</summary>
    public MetricInstrument[] Collect()
    {
        _listener.RecordObservableInstruments();
        lock (_lock)
        {
            return [.. _instruments.OrderBy(instrument => instrument.Instrument.Name, StringComparer.Ordinal)];
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Publish(Instrument instrument, MeterListener listener)
    {
        if (!instrument.Meter.Name.StartsWith(MeterPrefix, StringComparison.Ordinal))
        {
            return;
        }

        var state = new MetricInstrument(instrument, _budget);
        lock (_lock)
        {
            _instruments.Add(state);
        }

        listener.EnableMeasurementEvents(instrument, state);
    }

    private static void Record(object? state, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        (state as MetricInstrument)?.Record(value, tags);
}
