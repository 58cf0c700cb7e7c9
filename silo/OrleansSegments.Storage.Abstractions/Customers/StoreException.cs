namespace OrleansSegments.Storage.Customers;

/// <summary>The data folder or the database cannot be used; the message says what, why and the cure.</summary>
public sealed class StoreException : Exception
{
    public StoreException(string message)
        : base(message)
    {
    }

    public StoreException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
