namespace Orleans.Concurrency;

/// <summary>The caller does not wait for such a call: its task is complete once the call is queued, and its errors are only logged.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OneWayAttribute : Attribute;
