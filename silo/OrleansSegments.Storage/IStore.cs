using OrleansSegments.Storage.Control;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage;

/// <summary>An open store: the customers and documents of one data folder or one database schema.</summary>
public interface IStore : IAsyncDisposable
{
    /// <summary>The customers. Disposing of this closes the whole store.</summary>
    ICustomerStore Customers { get; }

    /// <summary>The documents of control grains and settings.</summary>
    IControlStateStore Control { get; }

    /// <summary>True when other silos of the cluster had the store open when this one opened it.</summary>
    bool HasOtherSilos { get; }

    /// <summary>
    /// Recounts every row and compares with the totals; returns the differences as text, none when all is well. Reads the whole index.
    /// </summary>
    ValueTask<IReadOnlyList<string>> VerifyAsync(CancellationToken cancellationToken);
}
