using Orleans;

namespace OrleansSegments.Grains.Populations;

/// <summary>The customers with an id after one and up to another, in the order of the store's scans.</summary>
/// <param name="After">Not included; null for no lower end.</param>
/// <param name="Until">Included; null for no upper end.</param>
[GenerateSerializer, Immutable, Alias("id-range")]
public readonly record struct IdRange([property: Id(0)] string? After, [property: Id(1)] string? Until)
{
    public static IdRange Everything => default;

    public bool IsEverything => After is null && Until is null;

    /// <summary>The ranges between cuts: every id is in exactly one.</summary>
    /// <param name="cuts">Ascending in the order of the store's scans.</param>
    public static IdRange[] Between(IReadOnlyList<string> cuts) =>
        [.. Enumerable.Range(0, cuts.Count + 1).Select(i => new IdRange(i == 0 ? null : cuts[i - 1], i == cuts.Count ? null : cuts[i]))];
}
