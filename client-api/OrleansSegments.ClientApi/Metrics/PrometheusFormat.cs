using System.Globalization;
using System.Text;

namespace OrleansSegments.ClientApi.Metrics;

/// <summary>
/// Writes the Prometheus text exposition format 0.0.4: names with underscores, the unit at the end, _total on counters, histograms as
/// cumulative buckets with _sum and _count.
/// </summary>
internal static class PrometheusFormat
{
    public const string MediaType = "text/plain; version=0.0.4; charset=utf-8";

    private const string Dropped = "segments_api_metrics_dropped_total";

    public static string Write(IEnumerable<MetricInstrument> instruments, long measurementsDropped)
    {
        var text = new StringBuilder();
        foreach (var family in instruments.Where(instrument => instrument.Series.Length > 0).GroupBy(NameOf))
        {
            var first = family.First();
            text.Append($"# HELP {family.Key} {EscapeHelp(first.Instrument.Description ?? first.Instrument.Name)}\n");
            text.Append($"# TYPE {family.Key} {TypeOf(first.Kind)}\n");
            foreach (var instrument in family.Where(instrument => instrument.Kind == first.Kind))
            {
                WriteSeries(text, family.Key, instrument);
            }
        }

        text.Append($"# HELP {Dropped} Measurements left out because there were too many series.\n# TYPE {Dropped} counter\n");
        text.Append($"{Dropped} {measurementsDropped}\n");
        return text.ToString();
    }

    private static void WriteSeries(StringBuilder text, string name, MetricInstrument instrument)
    {
        foreach (var series in instrument.Series)
        {
            var labels = LabelsOf(series.Tags);
            var (value, buckets) = series.Read();
            if (instrument.Kind != MetricKind.Histogram)
            {
                text.Append($"{name}{Braced(labels)} {Number(value)}\n");
                continue;
            }

            long count = 0;
            for (var i = 0; i < buckets.Length; i++)
            {
                count += buckets[i];
                var bound = i < instrument.Bounds.Length ? Number(instrument.Bounds[i]) : "+Inf";
                text.Append($"{name}_bucket{Braced(Joined(labels, $"le=\"{bound}\""))} {count}\n");
            }

            text.Append($"{name}_sum{Braced(labels)} {Number(value)}\n{name}_count{Braced(labels)} {count}\n");
        }
    }

    private static string NameOf(MetricInstrument instrument)
    {
        var unit = instrument.Instrument.Unit switch { "s" => "_seconds", "ms" => "_milliseconds", "By" => "_bytes", _ => "" };
        var name = Identifier(instrument.Instrument.Name);
        name = name.EndsWith(unit, StringComparison.Ordinal) ? name : name + unit;
        return instrument.Kind is MetricKind.Counter or MetricKind.ObservedCounter && !name.EndsWith("_total", StringComparison.Ordinal)
            ? name + "_total"
            : name;
    }

    private static string TypeOf(MetricKind kind) => kind switch
    {
        MetricKind.Counter or MetricKind.ObservedCounter => "counter",
        MetricKind.Histogram => "histogram",
        _ => "gauge",
    };

    private static string LabelsOf(KeyValuePair<string, object?>[] tags) =>
        string.Join(',', tags.Select(tag => $"{Identifier(tag.Key)}=\"{EscapeLabel(tag.Value?.ToString() ?? "")}\""));

    private static string Joined(string labels, string more) => labels.Length == 0 ? more : $"{labels},{more}";

    private static string Braced(string labels) => labels.Length == 0 ? "" : $"{{{labels}}}";

    private static string Number(double value) => double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : value.ToString("R", CultureInfo.InvariantCulture);

    private static string Identifier(string name) =>
        string.Concat(name.Select((letter, at) => char.IsAsciiLetter(letter) || (at > 0 && char.IsAsciiDigit(letter)) ? letter : '_'));

    private static string EscapeHelp(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string EscapeLabel(string text) => EscapeHelp(text).Replace("\"", "\\\"", StringComparison.Ordinal);
}
