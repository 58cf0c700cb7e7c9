namespace OrleansSegments.Engine.Features;

/// <summary>One thing wrong with a feature catalogue: where, the value found, the rule it breaks, and the cure.</summary>
public sealed record CatalogueError(string Entry, string Property, string Value, string Rule, string Cure)
{
    public override string ToString() => $"{Entry}: {Property} is {Value}; {Rule}. {Cure}";
}
