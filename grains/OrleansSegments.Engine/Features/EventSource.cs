namespace OrleansSegments.Engine.Features;

/// <summary>Which events count, the conditions that must all hold, and the value (the first expression that yields one).</summary>
public sealed record EventSource(
    IReadOnlyList<EventPattern> Events,
    IReadOnlyList<EventCondition> Where,
    IReadOnlyList<ValueExpression> Value,
    ValueMapping Mapping,
    bool AllowsNegative)
{
    /// <summary>True when every event counts.</summary>
    public bool IsEverything => Where.Count == 0 && Events.Any(x => x.IsEverything);

    public override string ToString() =>
        string.Join(',', Events.Select(x => x.ToString()).Order(StringComparer.Ordinal)) + " [" + string.Join(" & ", Where) + "] "
        + string.Join(" / ", Value) + " {" + Mapping + "}" + (AllowsNegative ? "-" : "");
}

/// <summary>
/// A path, or a path times a factor (<c>properties.products[].price * properties.products[].quantity</c>), summed over the items of an
/// array. A missing factor counts as 1.
/// </summary>
public sealed record ValueExpression(FieldPath Path, FieldPath? Factor)
{
    /// <summary>Null when the text is not an expression or its two paths do not refer to the same array.</summary>
    public static ValueExpression? Parse(string text)
    {
        var parts = text.Split('*');
        var path = FieldPath.Parse(parts[0]);
        if (path is null || parts.Length > 2)
        {
            return null;
        }

        if (parts.Length == 1)
        {
            return new ValueExpression(path, null);
        }

        var factor = FieldPath.Parse(parts[1]);
        return factor is null || !SameArray(path, factor) ? null : new ValueExpression(path, factor);
    }

    public override string ToString() => Factor is null ? Path.ToString() : $"{Path} * {Factor}";

    private static bool SameArray(FieldPath one, FieldPath other) =>
        one.Root == other.Root && one.ArrayStep == other.ArrayStep
        && one.Steps.Take(one.ArrayStep + 1).SequenceEqual(other.Steps.Take(other.ArrayStep + 1), StringComparer.Ordinal);
}

/// <summary>
/// Maps a categorical value to a number: 1 if it is in a list and otherwise 0, or by a table (numbers not in the table are unchanged).
/// Empty: only numbers are accepted, or what <see cref="Reading"/> makes of a text.
/// </summary>
public sealed record ValueMapping(IReadOnlyList<string> OneOf, IReadOnlyList<KeyValuePair<string, double>> Table, Reading Reading = Reading.Number)
{
    public static readonly ValueMapping Numeric = new([], []);

    public override string ToString() =>
        string.Join('|', OneOf.Select(x => x.ToUpperInvariant())) + ";" + string.Join('|', Table.Select(x => $"{x.Key.ToUpperInvariant()}={x.Value:R}"))
        + (Reading == Reading.Number ? "" : $";{Reading}");
}

/// <summary>
/// A condition on the first of several paths that has a value: it equals one of <paramref name="AnyOf"/> (ignoring ASCII case), it exists,
/// or it does not exist; negated, it has none of these values or does not exist. On an array path one matching item is enough.
/// </summary>
public sealed record EventCondition(IReadOnlyList<FieldPath> Paths, IReadOnlyList<string> AnyOf, bool Exists, bool IsNegated = false)
{
    public override string ToString() =>
        $"{string.Join('|', Paths)}{(AnyOf.Count == 0 ? (Exists ? "?" : "!") : (IsNegated ? "!=" : "=") + string.Join('|', AnyOf.Select(x => x.ToUpperInvariant())))}";
}

/// <summary>What a share counts: a range of local hours, a set of weekdays, or values of a path. Exactly one is set.</summary>
/// <param name="HourFrom">First hour of the range, or -1; a range may span midnight.</param>
/// <param name="HourTo">End of the range, exclusive, 1 to 24.</param>
/// <param name="WeekdayMask">Bit 0 is Sunday; 0 when weekdays do not matter.</param>
/// <param name="Condition">The values that count; the denominator then counts everything with a value at the path.</param>
public sealed record ShareMatch(int HourFrom, int HourTo, int WeekdayMask, EventCondition? Condition)
{
    public bool IsHours => HourFrom >= 0;

    public bool ContainsTime(int hour, int weekday)
    {
        if (!IsHours)
        {
            return (WeekdayMask >> weekday & 1) != 0;
        }

        return HourFrom < HourTo ? hour >= HourFrom && hour < HourTo : hour >= HourFrom || hour < HourTo;
    }

    public override string ToString() => $"h{HourFrom}-{HourTo} w{WeekdayMask} {Condition}";
}

/// <summary>Which events a source accepts: null means any. Names are compared ignoring case.</summary>
public readonly record struct EventPattern(EventType? Type, string? Name)
{
    public bool IsEverything => Type is null && Name is null;

    public bool Matches(EventType type, string? name) =>
        (Type is null || Type == type) && (Name is null || string.Equals(Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// Parses <c>*</c>, <c>@page</c> (any event of a type) or the name of a track event. "Page Viewed" and "Screen Viewed" also match page
    /// and screen calls, as audience builders show them.
    /// </summary>
    internal static bool TryParse(string text, List<EventPattern> patterns)
    {
        if (text == "*")
        {
            patterns.Add(default);
            return true;
        }

        if (text.StartsWith('@'))
        {
            var known = Enum.TryParse<EventType>(text.AsSpan(1), ignoreCase: true, out var type) && char.IsLetter(text[1]);
            if (known)
            {
                patterns.Add(new EventPattern(type, null));
            }

            return known;
        }

        if (string.IsNullOrWhiteSpace(text) || text.Length > 200)
        {
            return false;
        }

        patterns.Add(new EventPattern(EventType.Track, text));
        if (text.Equals("Page Viewed", StringComparison.OrdinalIgnoreCase))
        {
            patterns.Add(new EventPattern(EventType.Page, null));
        }
        else if (text.Equals("Screen Viewed", StringComparison.OrdinalIgnoreCase))
        {
            patterns.Add(new EventPattern(EventType.Screen, null));
        }

        return true;
    }

    public override string ToString() => $"{(Type is null ? "*" : Type.ToString())}/{Name?.ToUpperInvariant() ?? "*"}";
}

/// <summary>The six calls of the Segment spec.</summary>
public enum EventType
{
    Track,
    Identify,
    Page,
    Screen,
    Group,
    Alias,
}
