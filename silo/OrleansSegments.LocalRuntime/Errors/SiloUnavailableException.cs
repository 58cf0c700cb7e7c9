namespace Orleans.Runtime;

/// <summary>The silo has not started or is stopping.</summary>
public sealed class SiloUnavailableException : OrleansMessageRejectionException
{
    public SiloUnavailableException(string message)
        : base(message)
    {
    }

    public SiloUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
