using System.Globalization;

namespace OrleansSegments.Contracts.Segments;

/// <summary>How the API writes segment ids: "s7" for 7.</summary>
public static class SegmentKey
{
    /// <summary>The segment everyone is in before the first training.</summary>
    public const int EveryoneId = 0;

    public static string Of(int segmentId) => string.Create(CultureInfo.InvariantCulture, $"s{segmentId}");

    public static bool TryParse(string text, out int segmentId)
    {
        segmentId = 0;
        return text.StartsWith('s') && int.TryParse(text.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out segmentId);
    }
}
