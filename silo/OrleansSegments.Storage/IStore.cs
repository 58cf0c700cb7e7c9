using OrleansSegments.Storage.Control;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage;

/// <summary>An open store: the customers and the documents of one data folder or of one schema of a database.</summary>
public interface IStore : IAsyncDisposable
{
    /// <summary>The customers. Disposing of them closes the whole store.</summary>
    ICustomerStore Customers { get; }

    /// <summary>The documents of control grains and settings.</summary>
    IControlStateStore Control { get; }

    /// <summary>Recounts every row and compares with the totals; the differences in words, none when all is well. Reads the whole index.</summary>
    ValueTask<IReadOnlyList<string>> VerifyAsync(CancellationToken cancellationToken);
}
