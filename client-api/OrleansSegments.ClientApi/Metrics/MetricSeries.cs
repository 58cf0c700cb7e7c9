namespace OrleansSegments.ClientApi.Metrics;

/// <summary>One time series: an instrument with one set of tags. Safe for any thread; a lock of its own, held for a few instructions.</summary>
internal sealed class MetricSeries(KeyValuePair<string, object?>[] tags, MetricKind kind, double[] bounds)
{
    private readonly Lock _lock = new();
    private readonly long[] _buckets = new long[kind == MetricKind.Histogram ? bounds.Length + 1 : 0];
    private double _value;

    public KeyValuePair<string, object?>[] Tags { get; } = tags;

    public void Record(double measurement)
    {
        lock (_lock)
        {
            _value = kind is MetricKind.Gauge or MetricKind.ObservedCounter ? measurement : _value + measurement;
            if (kind == MetricKind.Histogram)
            {
                _buckets[BucketOf(measurement)]++;
            }
        }
    }

    /// <summary>The value (of a histogram: the sum of measurements) and the measurements per bucket, of one moment.</summary>
    public (double Value, long[] Buckets) Read()
    {
        lock (_lock)
        {
            return (_value, [.. _buckets]);
        }
    }

    /// <summary>Bounds are inclusive upper ends, as Prometheus has them; the last bucket is the one above all bounds.</summary>
    private int BucketOf(double measurement)
    {
        var at = Array.BinarySearch(bounds, measurement);
        return at >= 0 ? at : ~at;
    }
}
