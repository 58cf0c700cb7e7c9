namespace Orleans.Runtime;

/// <summary>A grain's mailbox is full. The call was not queued; the caller may try again later.</summary>
public sealed class LimitExceededException : OrleansException
{
    public LimitExceededException()
    {
    }

    public LimitExceededException(string message)
        : base(message)
    {
    }

    public LimitExceededException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public LimitExceededException(string limitName, int current, int threshold, object extraInfo)
        : base($"{limitName} is {threshold} and {current} are there already: {extraInfo}")
    {
    }
}
