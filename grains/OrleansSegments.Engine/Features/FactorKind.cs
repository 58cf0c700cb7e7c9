namespace OrleansSegments.Engine.Features;

/// <summary>The four kinds of factor that a segmentation of customers rests on.</summary>
public enum FactorKind
{
    Behavioural,
    Demographic,
    Psychographic,
    Geographic,
}
