using System.Globalization;
using OrleansSegments.ClientApi.Errors;
using OrleansSegments.Contracts.Customers;

namespace OrleansSegments.ClientApi.Queries;

/// <summary>Reads the values of a query string. A malformed one is answered with what, value, rule and cure; no default is guessed.</summary>
internal static class QueryParameters
{
    /// <summary>Items of a page at most: a page of a thousand customer ids is some 30 KB.</summary>
    public const int PageSizeMax = 1_000;

    /// <summary>Items of a page when the caller names no limit: as many as somebody looks at.</summary>
    public const int PageSizeDefault = 100;

    /// <summary>Absent: the default. Above the maximum: the maximum. Otherwise 1 or more.</summary>
    public static bool TryReadLimit(string? text, out int limit, out ApiError? error) =>
        TryReadCount("limit", text, 1, PageSizeMax, PageSizeDefault, out limit, out error);

    /// <summary>Absent: the default. Above the maximum: the maximum. Below the minimum: an error.</summary>
    public static bool TryReadCount(string name, string? text, int min, int max, int whenAbsent, out int count, out ApiError? error)
    {
        count = whenAbsent;
        error = null;
        if (text is null)
        {
            return true;
        }

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var asked) || asked < min)
        {
            error = Invalid(name, text, $"it must be a whole number from {min} to {max}", $"leave it out for {whenAbsent}");
            return false;
        }

        count = (int)Math.Min(asked, max);
        return true;
    }

    /// <summary>Whether a text that is compared with customer ids is no longer than the longest of them.</summary>
    public static bool IsShort(string name, string? text, string cure, out ApiError? error)
    {
        error = text is null || text.Length <= CustomerKey.CustomerIdLengthMax
            ? null
            : Invalid(name, text, $"it has {text.Length} characters and {CustomerKey.CustomerIdLengthMax} is the limit", cure);
        return error is null;
    }

    public static bool TryReadSequence(string name, string? text, out long? sequence, out ApiError? error)
    {
        sequence = null;
        error = null;
        if (text is null)
        {
            return true;
        }

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var read))
        {
            error = Invalid(
                name, text, "it must be a whole number from 0, the sequence number of the last change seen", "send 0 to read from the start");
            return false;
        }

        sequence = read;
        return true;
    }

    public static bool TryReadVersion(string text, out int version, out ApiError? error)
    {
        error = null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out version))
        {
            return true;
        }

        error = Invalid("version", text, "it must be a whole number from 0", "GET /v1/models lists the versions");
        return false;
    }

    public static ApiError Invalid(string name, string value, string rule, string cure)
    {
        const int shownMax = 60;
        var shown = value.Length > shownMax ? value[..shownMax] + "..." : value;
        return ApiError.BadRequest("invalid_" + name.ToLowerInvariant().Replace('-', '_'), $"{name} is \"{shown}\"; {rule}; {cure}.");
    }
}
