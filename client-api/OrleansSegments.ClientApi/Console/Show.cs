using System.Globalization;

namespace OrleansSegments.ClientApi.Console;

/// <summary>Writes figures the way people read them, in British English.</summary>
internal static class Show
{
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    public static string Rate(double perSecond) => perSecond < 10 ? perSecond.ToString("0.#", CultureInfo.InvariantCulture) : perSecond.ToString("N0", CultureInfo.InvariantCulture);

    public static string Share(double share) => share.ToString("0.0 %", CultureInfo.InvariantCulture);

    /// <summary>A feature's value, in its natural unit.</summary>
    public static string Value(double? value) => value switch
    {
        null or double.NaN => Texts.NoValue,
        > 999 or < -999 => value.Value.ToString("N0", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("0.##", CultureInfo.InvariantCulture),
    };

    /// <summary>A latency; words when there was nothing to measure.</summary>
    public static string Milliseconds(double? milliseconds) => milliseconds is null ? Texts.NoRequests : $"{Value(milliseconds)} ms";

    public static string When(DateTimeOffset at) => at.ToString("d MMM yyyy, HH:mm", CultureInfo.InvariantCulture);

    public static string Clock(DateTimeOffset at) => at.ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>A span in its largest unit, such as "3 days".</summary>
    public static string Span(TimeSpan span) => span switch
    {
        { TotalDays: >= 2 } => Number((int)span.TotalDays, Texts.Days),
        { TotalHours: >= 2 } => Number((int)span.TotalHours, Texts.Hours),
        { TotalMinutes: >= 2 } => Number((int)span.TotalMinutes, Texts.Minutes),
        _ => Number(Math.Max(0, (int)span.TotalSeconds), Texts.Seconds),
    };

    /// <summary>The name of a feature in words: "orders_90d" is "orders, 90 days".</summary>
    public static string Feature(string name)
    {
        var parts = name.Split('_');
        return parts is [.., ['0' or '1' or '2' or '3' or '4' or '5' or '6' or '7' or '8' or '9', .. var digits, 'd']] && digits.All(char.IsAsciiDigit)
            ? $"{string.Join(' ', parts[..^1])}, {parts[^1][..^1]} {Texts.Days}"
            : string.Join(' ', parts);
    }

    /// <summary>The reason of a transition in words.</summary>
    public static string Cause(string cause) => cause switch
    {
        "event" => Texts.CauseEvent,
        "time" => Texts.CauseTime,
        "model" => Texts.CauseModel,
        "merge" => Texts.CauseMerge,
        "consent" => Texts.CauseConsent,
        "erasure" => Texts.CauseErasure,
        _ => cause,
    };

    /// <summary>The address of a customer's page; ids may hold anything.</summary>
    public static string CustomerAddress(string id) => $"customer?id={Uri.EscapeDataString(id)}";

    /// <summary>A text of the resource with its parts filled in.</summary>
    public static string Text(string text, params object?[] parts) => string.Format(CultureInfo.InvariantCulture, text, parts);

    private static string Number(int number, string unit) => $"{Count(number)} {unit}";
}
