namespace OrleansSegments.Engine.Features;

/// <summary>How a categorical value becomes a number: 1 if it is one of a list and else 0, or by a table (numbers not in the
/// table stay as they are). Empty: numbers only.</summary>
public sealed record ValueMapping(IReadOnlyList<string> OneOf, IReadOnlyList<KeyValuePair<string, double>> Table)
{
    public static readonly ValueMapping Numeric = new([], []);

    public override string ToString() =>
        string.Join('|', OneOf.Select(x => x.ToUpperInvariant())) + ";" + string.Join('|', Table.Select(x => $"{x.Key.ToUpperInvariant()}={x.Value:R}"));
}
