namespace Orleans.Runtime;

/// <summary>The runtime refused a call before the grain saw it, so it is safe to try again.</summary>
public class OrleansMessageRejectionException : OrleansException
{
    public OrleansMessageRejectionException(string message)
        : base(message)
    {
    }

    public OrleansMessageRejectionException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
