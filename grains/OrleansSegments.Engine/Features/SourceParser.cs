using System.Text.Json;

namespace OrleansSegments.Engine.Features;

/// <summary>Parses the part of an entry that selects events and their values.</summary>
internal static class SourceParser
{
    /// <summary>Placeholder for the catalogue's home countries in lists of values.</summary>
    public const string HomeCountry = "$homeCountry";

    private static readonly string[] Weekdays = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

    public static EventSource Read(EntryReader entry, IReadOnlyList<string> homeCountries)
    {
        var patterns = new List<EventPattern>();
        var events = entry.Texts("events");
        if (events.Count == 0 && !entry.Has("events"))
        {
            entry.Refuse("events", "missing", "a source names at least one event", "Add \"events\": [\"Order Completed\"], or [\"*\"] for all.");
        }

        foreach (var text in events.Where(x => !EventPattern.TryParse(x, patterns)))
        {
            entry.Refuse("events", $"\"{text}\"", "it must be an event's name, \"*\", or @track, @identify, @page, @screen, @group, @alias", "Correct the name.");
        }

        var where = entry.Children("where").Select(x => ReadCondition(x, homeCountries, closed: true)).ToArray();
        var value = Expressions(entry);
        var oneOf = WithHome(entry.Texts("oneOf"), homeCountries);
        var table = entry.Table("map");
        if (oneOf.Count > 0 && table.Count > 0)
        {
            entry.Refuse("map", "given beside oneOf", "a value is mapped in one way", "Keep either \"oneOf\" or \"map\".");
        }

        return new EventSource(patterns, where, value, new ValueMapping(oneOf, table, entry.Choice<Reading>("read", Reading.Number)), entry.Flag("allowsNegative", false));
    }

    public static ShareMatch? ReadMatch(EntryReader entry, IReadOnlyList<string> homeCountries)
    {
        if (entry.Child("match") is not { } match)
        {
            return null;
        }

        var hours = match.Raw("hours");
        var days = match.Texts("weekdays");
        var isPath = match.Has("path");
        if ((hours is null ? 0 : 1) + (days.Count > 0 ? 1 : 0) + (isPath ? 1 : 0) != 1)
        {
            match.Refuse("hours, weekdays, path", "none or several", "a share matches exactly one of them", "Keep one.");
            return null;
        }

        var condition = isPath ? ReadCondition(match, homeCountries, closed: false) : null;
        var (from, to) = hours is null ? (-1, 0) : Hours(match, hours.Value);
        var mask = 0;
        foreach (var day in days)
        {
            var bit = Array.FindIndex(Weekdays, x => x.Equals(day, StringComparison.OrdinalIgnoreCase));
            if (bit < 0)
            {
                match.Refuse("weekdays", $"\"{day}\"", $"it must be one of {string.Join(", ", Weekdays)}", "Correct the day.");
            }

            mask |= 1 << Math.Max(0, bit);
        }

        match.RefuseUnknown();
        return new ShareMatch(from, to, mask, condition);
    }

    private static (int From, int To) Hours(EntryReader match, JsonElement hours)
    {
        if (hours.ValueKind == JsonValueKind.Array && hours.GetArrayLength() == 2
            && hours[0].ValueKind == JsonValueKind.Number && hours[1].ValueKind == JsonValueKind.Number
            && hours[0].TryGetInt32(out var from) && hours[1].TryGetInt32(out var to)
            && from is >= 0 and <= 23 && to is >= 1 and <= 24 && from != to)
        {
            return (from, to);
        }

        match.Refuse("hours", hours.GetRawText(), "it must be two different hours, from 0 to 23 and to 1 to 24", "Write for example [18, 24].");
        return (0, 1);
    }

    private static EventCondition ReadCondition(EntryReader entry, IReadOnlyList<string> homeCountries, bool closed)
    {
        var paths = Paths(entry);
        var isNegated = closed && entry.Has("notEquals");
        var anyOf = WithHome(entry.Texts(isNegated ? "notEquals" : "equals"), homeCountries);
        var exists = entry.Flag("exists", true);
        if (anyOf.Count == 0 && !entry.Has("exists"))
        {
            entry.Refuse("equals", "missing", "a condition says what the path equals or not, or that it exists", "Add \"equals\": [...], \"notEquals\": [...] or \"exists\": true.");
        }

        if (closed)
        {
            entry.RefuseUnknown();
        }

        return new EventCondition(paths, anyOf, exists, isNegated);
    }

    private static FieldPath[] Paths(EntryReader entry)
    {
        var paths = new List<FieldPath>();
        if (!entry.Has("path"))
        {
            entry.Refuse("path", "missing", "a condition looks at a path", "Add \"path\".");
        }

        foreach (var text in entry.Texts("path"))
        {
            if (FieldPath.Parse(text) is { } path)
            {
                paths.Add(path);
            }
            else
            {
                RefusePath(entry, "path", text);
            }
        }

        return [.. paths];
    }

    private static ValueExpression[] Expressions(EntryReader entry)
    {
        var expressions = new List<ValueExpression>();
        foreach (var text in entry.Texts("value"))
        {
            if (ValueExpression.Parse(text) is { } expression)
            {
                expressions.Add(expression);
            }
            else
            {
                RefusePath(entry, "value", text);
            }
        }

        return [.. expressions];
    }

    private static void RefusePath(EntryReader entry, string property, string text) => entry.Refuse(
        property,
        $"\"{text}\"",
        $"a path starts with properties, traits, context or group, has 1 to {FieldPath.StepsMax} names and at most one array []",
        "Write for example \"properties.products[].price * properties.products[].quantity\".");

    private static IReadOnlyList<string> WithHome(IReadOnlyList<string> texts, IReadOnlyList<string> homeCountries) =>
        [.. texts.SelectMany(x => x == HomeCountry ? homeCountries : [x])];
}
