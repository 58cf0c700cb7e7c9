using System.Globalization;
using Orleans.Storage;
using OrleansSegments.LocalRuntime.State;
using OrleansSegments.Storage.Control;

namespace OrleansSegments.Silo.Hosting;

/// <summary>Keeps the control grains' state as documents of the data folder.</summary>
internal sealed class ControlGrainStateStore(IControlStateStore documents) : IGrainStateStore
{
    private const string Kind = "grain-state";

    public async ValueTask<StoredGrainState?> ReadAsync(GrainStateKey key, CancellationToken cancellationToken)
    {
        ControlDocument? document = await documents.ReadAsync(Kind, key.ToString(), cancellationToken);
        return document is null ? null : new StoredGrainState(document.Content, Etag(document.Version));
    }

    public async ValueTask<string> WriteAsync(
        GrainStateKey key, ReadOnlyMemory<byte> json, string? expectedEtag, CancellationToken cancellationToken)
    {
        long expected = Version(expectedEtag);
        return await documents.TryWriteAsync(Kind, key.ToString(), expected, json, cancellationToken)
            ? Etag(expected + 1)
            : throw await Conflict(key, expectedEtag, cancellationToken);
    }

    public async ValueTask ClearAsync(GrainStateKey key, string? expectedEtag, CancellationToken cancellationToken)
    {
        if (!await documents.TryRemoveAsync(Kind, key.ToString(), Version(expectedEtag), cancellationToken))
        {
            throw await Conflict(key, expectedEtag, cancellationToken);
        }
    }

    private async ValueTask<InconsistentStateException> Conflict(GrainStateKey key, string? expectedEtag, CancellationToken cancellationToken)
    {
        ControlDocument? stored = await documents.ReadAsync(Kind, key.ToString(), cancellationToken);
        return new InconsistentStateException(
            $"The stored state of {key} is not the one that was read.", stored is null ? "" : Etag(stored.Version), expectedEtag ?? "");
    }

    private static string Etag(long version) => version.ToString(CultureInfo.InvariantCulture);

    private static long Version(string? etag) => etag is null ? 0 : long.Parse(etag, CultureInfo.InvariantCulture);
}
