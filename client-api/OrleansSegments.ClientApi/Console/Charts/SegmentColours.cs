using OrleansSegments.Contracts.Segments;

namespace OrleansSegments.ClientApi.Console.Charts;

/// <summary>A colour for every segment, the same on every page and for as long as the segment lives.</summary>
internal static class SegmentColours
{
    /// <summary>Told apart by people who do not see all colours, and on light and dark ground.</summary>
    private static readonly string[] Palette =
        ["#4c78d8", "#e8843c", "#3aa57a", "#c9529a", "#8a6fd1", "#c2a32b", "#2fa3b8", "#d65f5f", "#7b9a3c", "#9c6b4a", "#5a88a8", "#b07cc6"];

    /// <param name="id">In the form of the API, such as "s7".</param>
    public static string Of(string? id) => id is not null && SegmentKey.TryParse(id, out var number) ? Palette[number % Palette.Length] : "#8a90a2";
}
