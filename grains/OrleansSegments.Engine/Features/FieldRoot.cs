namespace OrleansSegments.Engine.Features;

/// <summary>The JSON object of an event that a path starts in.</summary>
public enum FieldRoot
{
    Properties,
    Traits,
    Context,
}
