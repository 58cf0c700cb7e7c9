using System.Diagnostics.Metrics;

namespace OrleansSegments.ClientApi.Metrics;

/// <summary>
/// The series of one instrument. Finding a series allocates nothing: the tag sets are few and compared one by one in an array that is
/// replaced, never changed. Beyond the limit that all instruments share, measurements of new tag sets are counted and left out.
/// </summary>
internal sealed class MetricInstrument
{
    private static readonly double[] DefaultBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000];

    private readonly Lock _lock = new();
    private readonly SeriesBudget _budget;
    private volatile MetricSeries[] _series = [];

    public MetricInstrument(Instrument instrument, SeriesBudget budget)
    {
        _budget = budget;
        Instrument = instrument;
        Kind = KindOf(instrument);
        Bounds = Kind == MetricKind.Histogram ? BoundsOf(instrument) : [];
    }

    public Instrument Instrument { get; }

    public MetricKind Kind { get; }

    public double[] Bounds { get; }

    public MetricSeries[] Series => _series;

    public void Record(double measurement, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        (Find(_series, tags) ?? Add(tags))?.Record(measurement);

    private static MetricSeries? Find(MetricSeries[] series, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var candidate in series)
        {
            if (tags.SequenceEqual(candidate.Tags))
            {
                return candidate;
            }
        }

        return null;
    }

    private MetricSeries? Add(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_lock)
        {
            if (Find(_series, tags) is { } found)
            {
                return found;
            }

            if (!_budget.TryTake())
            {
                return null;
            }

            var added = new MetricSeries(tags.ToArray(), Kind, Bounds);
            _series = [.. _series, added];
            return added;
        }
    }

    private static MetricKind KindOf(Instrument instrument)
    {
        var name = instrument.GetType().Name;
        return name.StartsWith("Histogram", StringComparison.Ordinal) ? MetricKind.Histogram
            : name.StartsWith("Counter", StringComparison.Ordinal) ? MetricKind.Counter
            : name.StartsWith("UpDownCounter", StringComparison.Ordinal) ? MetricKind.UpDown
            : name.StartsWith("ObservableCounter", StringComparison.Ordinal) ? MetricKind.ObservedCounter
            : MetricKind.Gauge;
    }

    private static double[] BoundsOf(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
        Histogram<long> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(bound => (double)bound)],
        Histogram<int> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(bound => (double)bound)],
        _ => DefaultBounds,
    };
}
