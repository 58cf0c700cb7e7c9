namespace OrleansSegments.Storage.Control;

/// <summary>
/// Small named documents: the state of the control grains, reminders, settings of the data folder. Each write is its own durable
/// transaction; these are a handful of writes a minute, never a customer's.
/// </summary>
public interface IControlStateStore
{
    /// <summary>Reads a document; null if there is none.</summary>
    ValueTask<ControlDocument?> ReadAsync(string kind, string key, CancellationToken cancellationToken);

    /// <summary>All documents of a kind, ordered by key.</summary>
    ValueTask<IReadOnlyList<ControlDocument>> ReadAllAsync(string kind, CancellationToken cancellationToken);

    /// <summary>Writes if the stored version is the expected one (0: there is none yet). Returns false on conflict.</summary>
    ValueTask<bool> TryWriteAsync(string kind, string key, long expectedVersion, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Removes if the stored version is the expected one. Returns false on conflict; true if there was none and 0 was expected.</summary>
    ValueTask<bool> TryRemoveAsync(string kind, string key, long expectedVersion, CancellationToken cancellationToken);
}

/// <summary>A named document and the version of it that was read.</summary>
public sealed record ControlDocument(string Kind, string Key, long Version, byte[] Content);
