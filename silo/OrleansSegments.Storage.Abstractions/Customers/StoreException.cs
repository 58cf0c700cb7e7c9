namespace OrleansSegments.Storage.Customers;

/// <summary>
/// The data folder or the database cannot be used; the message says what, why and the cure. An <see cref="IOException"/>, so that a layer that
/// knows nothing of stores can tell a store that is away for now from a bug.
/// </summary>
public sealed class StoreException : IOException
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
