namespace Orleans;

/// <summary>How long a caller waits for this method before it gets a <see cref="TimeoutException"/>; written as a <see cref="TimeSpan"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ResponseTimeoutAttribute(string timeout) : Attribute
{
    public TimeSpan? Timeout { get; init; } = TimeSpan.Parse(timeout);
}
