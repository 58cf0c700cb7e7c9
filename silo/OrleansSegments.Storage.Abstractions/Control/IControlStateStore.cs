namespace OrleansSegments.Storage.Control;

/// <summary>
/// Stores small named documents: the state of the control grains, reminders, settings of the data folder. Each write is its own durable
/// transaction. Only for a few writes per minute, never for customers.
/// </summary>
public interface IControlStateStore
{
    /// <summary>Reads a document; null when it does not exist.</summary>
    ValueTask<ControlDocument?> ReadAsync(string kind, string key, CancellationToken cancellationToken);

    /// <summary>All documents of a kind, ordered by key.</summary>
    ValueTask<IReadOnlyList<ControlDocument>> ReadAllAsync(string kind, CancellationToken cancellationToken);

    /// <summary>Writes if the stored version is the expected one (0: the document does not exist). Returns false on conflict.</summary>
    ValueTask<bool> TryWriteAsync(string kind, string key, long expectedVersion, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>
    /// Removes if the stored version is the expected one. Returns false on conflict; true when the document did not exist and 0 was
    /// expected.
    /// </summary>
    ValueTask<bool> TryRemoveAsync(string kind, string key, long expectedVersion, CancellationToken cancellationToken);
}

/// <summary>A named document and its version when it was read.</summary>
public sealed record ControlDocument(string Kind, string Key, long Version, byte[] Content);
