namespace Orleans.Runtime;

/// <summary>An error of the grain runtime.</summary>
public class OrleansException : Exception
{
    public OrleansException()
    {
    }

    public OrleansException(string message)
        : base(message)
    {
    }

    public OrleansException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
