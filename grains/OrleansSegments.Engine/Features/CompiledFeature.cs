namespace OrleansSegments.Engine.Features;

/// <summary>What evaluation needs of a feature: cell and decay-factor indices, prior, transform and missing rule.</summary>
internal readonly record struct CompiledFeature(
    Aggregation Aggregation,
    int CellA,
    int CellB,
    int CellC,
    int FactorA,
    int FactorB,
    double PriorWeight,
    double PriorMean,
    Transform Transform,
    MissingRule Missing,
    double MissingValue);
