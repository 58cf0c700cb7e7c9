namespace Orleans.Placement;

/// <summary>Says where activations of a class prefer to live. With one process there is only one place.</summary>
[AttributeUsage(AttributeTargets.Class)]
public abstract class PlacementAttribute : Attribute;
