using System.Globalization;

namespace OrleansSegments.LocalRuntime.Calls;

/// <summary>All keys are kept as text, so that one directory serves every kind; integers and GUIDs are written one way only.</summary>
internal static class GrainKey
{
    public static string From(long key) => key.ToString(CultureInfo.InvariantCulture);

    public static string From(Guid key) => key.ToString("N", CultureInfo.InvariantCulture);

    public static string From(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return key;
    }

    public static long ToInteger(string key) => long.Parse(key, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    public static Guid ToGuid(string key) => Guid.ParseExact(key, "N");
}
