using Orleans;
using OrleansSegments.Contracts.Segments;

namespace OrleansSegments.ClientApi.Console.Charts;

/// <summary>Charts of sizes over time.</summary>
internal static class SizeChart
{
    /// <summary>Points of a series: about one in three pixels of a wide screen.</summary>
    private const int PointsMax = 400;

    /// <summary>The sizes over time of every segment of a census, by id.</summary>
    public static async Task<Dictionary<string, SizeSample[]>> HistoriesAsync(IGrainFactory grains, SegmentCensus census)
    {
        var histories = await Task.WhenAll(census.Segments.Select(async count =>
            (count.Id, Samples: SegmentKey.TryParse(count.Id, out var number) ? await grains.GetGrain<ISegmentGrain>(number).History() : [])));
        return histories.ToDictionary(x => x.Id, x => x.Samples);
    }

    /// <summary>The segments stacked, so that the height is the population; the census is the newest point.</summary>
    public static object StackOf(IReadOnlyDictionary<string, SizeSample[]> histories, SegmentCensus census)
    {
        var times = histories.Values.SelectMany(samples => samples.Select(sample => sample.At)).Where(at => at < census.AsOf).Distinct().Order().ToArray();
        var step = Math.Max(1, times.Length / PointsMax);
        DateTimeOffset[] shown = [.. times.Where((_, i) => i % step == 0), census.AsOf];
        return new
        {
            tooltip = new { trigger = "axis", confine = true, order = "valueDesc" },
            grid = new { left = 8, right = 16, top = 16, bottom = 8, containLabel = true },
            xAxis = new { type = "time" },
            yAxis = new { type = "value", minInterval = 1 },
            series = census.Segments.Select(count => new
            {
                name = count.Name,
                type = "line",
                stack = "population",
                showSymbol = false,
                lineStyle = new { width = 0 },
                areaStyle = new { opacity = 0.85 },
                color = SegmentColours.Of(count.Id),
                emphasis = new { focus = "series" },
                data = At(shown, histories.GetValueOrDefault(count.Id, []), count.Size),
            }).ToArray(),
        };
    }

    /// <summary>One segment's size as a line.</summary>
    public static object LineOf(string name, string color, SizeSample[] samples, SizeSample now) => new
    {
        tooltip = new { trigger = "axis", confine = true },
        grid = new { left = 8, right = 16, top = 16, bottom = 8, containLabel = true },
        xAxis = new { type = "time" },
        yAxis = new { type = "value", scale = true, minInterval = 1 },
        series = new[]
        {
            new
            {
                name,
                type = "line",
                showSymbol = false,
                color,
                areaStyle = new { opacity = 0.15 },
                data = samples.Where(sample => sample.At < now.At).Append(now).Select(Point).ToArray(),
            },
        },
    };

    /// <summary>The size at each time: that of the newest sample before it, and at the last time the present one.</summary>
    private static long[][] At(DateTimeOffset[] times, SizeSample[] samples, long now)
    {
        var points = new long[times.Length][];
        for (int i = 0, next = 0; i < times.Length; i++)
        {
            while (next < samples.Length && samples[next].At <= times[i])
            {
                next++;
            }

            points[i] = [times[i].ToUnixTimeMilliseconds(), i == times.Length - 1 ? now : next == 0 ? 0 : samples[next - 1].Size];
        }

        return points;
    }

    private static long[] Point(SizeSample sample) => [sample.At.ToUnixTimeMilliseconds(), sample.Size];
}
