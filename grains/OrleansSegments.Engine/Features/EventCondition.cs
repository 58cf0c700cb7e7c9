namespace OrleansSegments.Engine.Features;

/// <summary>A condition on the first of several paths that has a value: it equals one of <paramref name="AnyOf"/> (without
/// regard to ASCII case), or it exists, or it does not. On an array path one item is enough.</summary>
public sealed record EventCondition(IReadOnlyList<FieldPath> Paths, IReadOnlyList<string> AnyOf, bool Exists)
{
    public override string ToString() =>
        $"{string.Join('|', Paths)}{(AnyOf.Count == 0 ? (Exists ? "?" : "!") : "=" + string.Join('|', AnyOf.Select(x => x.ToUpperInvariant())))}";
}
