using Orleans.Storage;

namespace OrleansSegments.LocalRuntime.State;

/// <summary>
/// Where <see cref="Orleans.Runtime.IPersistentState{TState}"/> lives: one JSON document per grain and state name, with an etag
/// that changes on every write. Registered as a keyed service under the storage name, or unkeyed for all names.
/// </summary>
public interface IGrainStateStore
{
    /// <summary>The record, or null when there is none.</summary>
    ValueTask<StoredGrainState?> ReadAsync(GrainStateKey key, CancellationToken cancellationToken);

    /// <summary>Writes the record if its etag is still the expected one (null: it must not exist) and returns the new etag.</summary>
    /// <exception cref="InconsistentStateException">The record has another etag.</exception>
    ValueTask<string> WriteAsync(GrainStateKey key, ReadOnlyMemory<byte> json, string? expectedEtag, CancellationToken cancellationToken);

    /// <summary>Removes the record if its etag is still the expected one.</summary>
    /// <exception cref="InconsistentStateException">The record has another etag.</exception>
    ValueTask ClearAsync(GrainStateKey key, string? expectedEtag, CancellationToken cancellationToken);
}
