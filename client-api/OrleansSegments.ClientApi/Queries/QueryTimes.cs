using System.Globalization;
using OrleansSegments.ClientApi.Errors;

namespace OrleansSegments.ClientApi.Queries;

/// <summary>Reads times of a query string.</summary>
internal static class QueryTimes
{
    private static readonly string[] Formats = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <summary>Absent: null. Otherwise ISO 8601; without an offset UTC.</summary>
    public static bool TryRead(string name, string? text, out DateTimeOffset? time, out ApiError? error)
    {
        (time, error) = (null, null);
        if (text is null)
        {
            return true;
        }

        if (!DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var read) || read < DateTimeOffset.UnixEpoch)
        {
            error = QueryParameters.Invalid(
                name, text, "it must be a time since 1970 in ISO 8601, for example 2026-03-01T12:00:00Z", "write the offset as Z, or its + as %2B");
            return false;
        }

        time = read;
        return true;
    }
}
