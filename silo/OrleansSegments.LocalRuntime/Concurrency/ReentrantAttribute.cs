namespace Orleans.Concurrency;

/// <summary>Calls of such a grain interleave at every await; it still runs one turn at a time.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ReentrantAttribute : Attribute;
