namespace Orleans.Concurrency;

/// <summary>A call of such an interface method may start while another call of the grain awaits.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AlwaysInterleaveAttribute : Attribute;
