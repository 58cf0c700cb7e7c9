namespace OrleansSegments.Engine.Naming;

/// <summary>
/// Words for customers who have much or little of a feature; null where a direction says nothing worth a name. Best are people
/// ("big spenders", "evening shoppers") and adjectives ("lapsed", "price-conscious"); other phrases are put behind ("with large orders").
/// </summary>
public sealed record FeaturePhrases(string? High, string? Low);
