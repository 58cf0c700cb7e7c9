using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using HdrHistogram;
using OrleansSegments.ClientApi.Clocks;

namespace OrleansSegments.ClientApi.Metrics;

/// <summary>The newest values of this process's own metrics, for people; programs scrape /metrics.</summary>
internal sealed class ProcessFigures : IDisposable
{
    private const double MicrosecondsPerSecond = 1e6;
    private const double MicrosecondsPerMillisecond = 1e3;
    private const int SignificantDigits = 2;

    /// <summary>Over what latencies are taken.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    /// <summary>Longer requests count as this.</summary>
    private static readonly TimeSpan LatencyMax = TimeSpan.FromMinutes(1);

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, double> _gauges = new(StringComparer.Ordinal);
    private readonly Recorder _latencies;
    private readonly StoreClock _clock;
    private readonly Lock _lock = new();
    private HistogramBase? _window;
    private long _windowAt;

    public ProcessFigures(StoreClock clock, ClientApiMetrics metrics)
    {
        _clock = clock;
        _latencies = HistogramFactory.With64BitBucketSize().WithValuesUpTo((long)LatencyMax.TotalMicroseconds).WithPrecisionOf(SignificantDigits).WithThreadSafeWrites().WithThreadSafeReads().Create();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument == metrics.RequestDuration || (instrument.IsObservable && instrument.Meter.Name.StartsWith("OrleansSegments", StringComparison.Ordinal)))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => _gauges[NameOf(instrument, tags)] = value);
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>Of ingestion requests, in milliseconds; null when there were none in the last seconds.</summary>
    public double? IngestionMillisecondsP50 => Percentile(50);

    /// <inheritdoc cref="IngestionMillisecondsP50"/>
    public double? IngestionMillisecondsP99 => Percentile(99);

    /// <summary>The gauges by name.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Gauges()
    {
        _listener.RecordObservableInstruments();
        return [.. _gauges.OrderBy(gauge => gauge.Key, StringComparer.Ordinal)];
    }

    public void Dispose() => _listener.Dispose();

    /// <summary>With the value of a tag, such as the segment whose size it is.</summary>
    private static string NameOf(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags) => tags is [var tag, ..] ? $"{instrument.Name} {tag.Value}" : instrument.Name;

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (instrument.IsObservable)
        {
            _gauges[NameOf(instrument, tags)] = value;
        }
        else
        {
            _latencies.RecordValue((long)Math.Min(value * MicrosecondsPerSecond, LatencyMax.TotalMicroseconds));
        }
    }

    private double? Percentile(double percentile)
    {
        lock (_lock)
        {
            if (_window is null || _clock.Real.GetElapsedTime(_windowAt) > Window)
            {
                (_window, _windowAt) = (_latencies.GetIntervalHistogram(_window), _clock.Real.GetTimestamp());
            }

            return _window.TotalCount == 0 ? null : _window.GetValueAtPercentile(percentile) / MicrosecondsPerMillisecond;
        }
    }
}
