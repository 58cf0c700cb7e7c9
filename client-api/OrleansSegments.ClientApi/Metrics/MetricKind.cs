namespace OrleansSegments.ClientApi.Metrics;

/// <summary>How measurements of an instrument become a value.</summary>
internal enum MetricKind
{
    /// <summary>Measurements are added up; never falls.</summary>
    Counter,

    /// <summary>Measurements are added up; may fall.</summary>
    UpDown,

    /// <summary>The last measurement counts.</summary>
    Gauge,

    /// <summary>Each measurement is the sum so far; never falls.</summary>
    ObservedCounter,

    Histogram,
}
