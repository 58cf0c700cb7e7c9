using OrleansSegments.Engine.Events;

namespace OrleansSegments.Engine.Features;

/// <summary>Which events a source takes: null means any. Names are compared without regard to case.</summary>
public readonly record struct EventPattern(EventType? Type, string? Name)
{
    public bool IsEverything => Type is null && Name is null;

    public bool Matches(EventType type, string? name) =>
        (Type is null || Type == type) && (Name is null || string.Equals(Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads <c>*</c>, <c>@page</c> (any event of a type) or the name of a track event.
    /// "Page Viewed" and "Screen Viewed" also mean page and screen calls, as audience builders show them.</summary>
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
