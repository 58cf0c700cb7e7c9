using System.Globalization;
using Orleans.Storage;

namespace OrleansSegments.LocalRuntime.State;

/// <summary>Keeps documents for the life of this object only: the default, and for tests that restart a silo around it.</summary>
public sealed class MemoryGrainStateStore : IGrainStateStore
{
    private readonly Dictionary<GrainStateKey, StoredGrainState> _documents = [];
    private readonly Lock _gate = new();
    private long _writes;

    public ValueTask<StoredGrainState?> ReadAsync(GrainStateKey key, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return new(_documents.GetValueOrDefault(key));
        }
    }

    public ValueTask<string> WriteAsync(
        GrainStateKey key, ReadOnlyMemory<byte> json, string? expectedEtag, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ThrowIfChanged(key, expectedEtag);
            var etag = (++_writes).ToString(CultureInfo.InvariantCulture);
            _documents[key] = new StoredGrainState(json, etag);
            return new(etag);
        }
    }

    public ValueTask ClearAsync(GrainStateKey key, string? expectedEtag, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ThrowIfChanged(key, expectedEtag);
            _documents.Remove(key);
            return ValueTask.CompletedTask;
        }
    }

    private void ThrowIfChanged(GrainStateKey key, string? expectedEtag)
    {
        var stored = _documents.GetValueOrDefault(key)?.Etag;
        if (stored != expectedEtag)
        {
            throw new InconsistentStateException($"{key} was changed by someone else.", stored, expectedEtag);
        }
    }
}
