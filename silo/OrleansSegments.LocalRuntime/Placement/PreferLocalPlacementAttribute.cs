namespace Orleans.Placement;

/// <summary>Activations prefer the silo of their first caller, which here is the only one.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PreferLocalPlacementAttribute : PlacementAttribute;
