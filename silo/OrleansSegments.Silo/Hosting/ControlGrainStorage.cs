using System.Globalization;
using System.Text.Json;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansSegments.Storage.Control;

namespace OrleansSegments.Silo.Hosting;

/// <summary>
/// Grain storage of the control grains: documents of the store, the same for a single silo and a cluster. Writes are checked against the
/// version read, so of two concurrent writers one is refused.
/// </summary>
internal sealed class ControlGrainStorage(IControlStateStore documents) : IGrainStorage
{
    private const string Kind = "grain-state";

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ControlDocument? document = await documents.ReadAsync(Kind, ControlStateName.Of(stateName, grainId), CancellationToken.None);
        grainState.ETag = document is null ? null : Etag(document.Version);

        // A state stored under its former name has no ETag under the new one; the first write creates the new document.
        document ??= await ReadFormerAsync(stateName, grainId);
        grainState.State = document is null ? Activator.CreateInstance<T>() : JsonSerializer.Deserialize<T>(document.Content)!;
        grainState.RecordExists = document is not null;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        string name = ControlStateName.Of(stateName, grainId);
        long expected = Version(grainState.ETag);
        if (!await documents.TryWriteAsync(Kind, name, expected, JsonSerializer.SerializeToUtf8Bytes(grainState.State), CancellationToken.None))
        {
            throw await Conflict(name, grainState.ETag);
        }

        grainState.ETag = Etag(expected + 1);
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        string name = ControlStateName.Of(stateName, grainId);
        if (!await documents.TryRemoveAsync(Kind, name, Version(grainState.ETag), CancellationToken.None))
        {
            throw await Conflict(name, grainState.ETag);
        }

        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }

    private async ValueTask<ControlDocument?> ReadFormerAsync(string stateName, GrainId grainId) =>
        ControlStateName.FormerClassOf(stateName) is { } former
            ? await documents.ReadAsync(Kind, string.Create(CultureInfo.InvariantCulture, $"{former}/{grainId.GetIntegerKey()}/{stateName}"), CancellationToken.None)
            : null;

    private async ValueTask<InconsistentStateException> Conflict(string name, string? expectedEtag)
    {
        ControlDocument? stored = await documents.ReadAsync(Kind, name, CancellationToken.None);
        return new InconsistentStateException(
            $"The stored state of {name} has changed since it was read.", stored is null ? "" : Etag(stored.Version), expectedEtag ?? "");
    }

    private static string Etag(long version) => version.ToString(CultureInfo.InvariantCulture);

    private static long Version(string? etag) => etag is null ? 0 : long.Parse(etag, CultureInfo.InvariantCulture);
}

/// <summary>The document name of a control grain's state: the state name from the grain's constructor, and the grain's number.</summary>
internal static class ControlStateName
{
    public static string Of(string stateName, GrainId grainId) => string.Create(CultureInfo.InvariantCulture, $"{stateName}/{grainId.GetIntegerKey()}");

    /// <summary>The class in the name that older stores used; null for a state that did not exist then.</summary>
    public static string? FormerClassOf(string stateName) => stateName switch
    {
        "model" => "OrleansSegments.Grains.Models.ModelGrain",
        "segment" => "OrleansSegments.Grains.Segments.SegmentGrain",
        _ => null,
    };
}
