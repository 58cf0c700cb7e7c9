using OrleansSegments.Contracts.Segments;

namespace OrleansSegments.ClientApi.Console.Charts;

/// <summary>Customers as points and centroids as rings, coloured by segment.</summary>
internal static class MapChart
{
    /// <summary>Without numbers: a direction mixes many features, and only distances mean something.</summary>
    private static readonly object Axis = new { type = "value", scale = true, axisLabel = new { show = false }, axisLine = new { show = false }, axisTick = new { show = false } };

    public static object Of(SegmentMap map) => new
    {
        tooltip = new { trigger = "item", confine = true, formatter = "{b}" },
        grid = new { left = 8, right = 16, top = 16, bottom = 8, containLabel = true },
        xAxis = Axis,
        yAxis = Axis,
        series = map.Points.GroupBy(point => point.SegmentId).Select(points => Points(points.Key, NameOf(points.Key, map), [.. points])).Append(Centroids(map)).ToArray(),
    };

    private static object Points(string id, string name, MapPoint[] points) => new
    {
        id,
        name,
        type = "scatter",
        symbolSize = 6,
        color = SegmentColours.Of(id),
        itemStyle = new { opacity = 0.65 },
        data = points.Select(point => new { name = $"{point.CustomerId} · {name}", value = new[] { point.X, point.Y }, href = Show.CustomerAddress(point.CustomerId) }).ToArray(),
    };

    private static object Centroids(SegmentMap map) => new
    {
        id = "centroids",
        name = Texts.Segments,
        type = "scatter",
        symbolSize = 22,
        z = 5,
        data = map.Centroids.Select(centre => new
        {
            name = centre.Name,
            value = new[] { centre.X, centre.Y },
            href = $"segments/{centre.SegmentId}",
            itemStyle = new { color = "transparent", borderColor = SegmentColours.Of(centre.SegmentId), borderWidth = 4 },
        }).ToArray(),
    };

    private static string NameOf(string id, SegmentMap map) => map.Centroids.FirstOrDefault(centre => centre.SegmentId == id)?.Name ?? id;
}
