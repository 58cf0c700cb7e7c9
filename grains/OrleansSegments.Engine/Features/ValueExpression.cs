namespace OrleansSegments.Engine.Features;

/// <summary>A path, or a path times a factor (<c>properties.products[].price * properties.products[].quantity</c>), summed
/// over the items of an array. A factor that is missing counts as 1.</summary>
public sealed record ValueExpression(FieldPath Path, FieldPath? Factor)
{
    /// <summary>Null if the text is no expression, or its two paths do not visit the same array.</summary>
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
