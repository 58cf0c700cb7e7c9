namespace OrleansSegments.Engine.Features;

/// <summary>What evaluation needs of a feature: cell and decay-factor indices, prior, transform and missing rule.</summary>
/// <param name="Index">The feature's place in every vector.</param>
/// <param name="AtRest">Its transformed value while all its cells are zero.</param>
internal readonly record struct CompiledFeature(
    int Index,
    Aggregation Aggregation,
    Motion Motion,
    int CellA,
    int CellB,
    int CellC,
    int FactorA,
    int FactorB,
    double PriorWeight,
    double PriorMean,
    Transform Transform,
    MissingRule Missing,
    double MissingValue,
    double AtRest);
