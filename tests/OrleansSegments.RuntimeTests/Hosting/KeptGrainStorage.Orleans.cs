#if USE_ORLEANS
using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace OrleansSegments.RuntimeTests.Hosting;

/// <summary>Grain state in memory that outlives the silo.</summary>
internal sealed class KeptGrainStorage : IGrainStorage
{
    private readonly ConcurrentDictionary<(string, GrainId), (byte[] Json, int Version)> _states = new();

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        grainState.RecordExists = _states.TryGetValue((stateName, grainId), out var stored);
        grainState.State = grainState.RecordExists ? JsonSerializer.Deserialize<T>(stored.Json)! : Activator.CreateInstance<T>();
        grainState.ETag = grainState.RecordExists ? Etag(stored.Version) : null;
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var version = Check(stateName, grainId, grainState) + 1;
        _states[(stateName, grainId)] = (JsonSerializer.SerializeToUtf8Bytes(grainState.State), version);
        (grainState.ETag, grainState.RecordExists) = (Etag(version), true);
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Check(stateName, grainId, grainState);
        _states.TryRemove((stateName, grainId), out _);
        (grainState.State, grainState.ETag, grainState.RecordExists) = (Activator.CreateInstance<T>(), null, false);
        return Task.CompletedTask;
    }

    private int Check<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var version = _states.GetValueOrDefault((stateName, grainId)).Version;
        return (version == 0 ? null : Etag(version)) == grainState.ETag
            ? version
            : throw new InconsistentStateException($"{grainId} is at {version}, not at {grainState.ETag}.");
    }

    private static string Etag(int version) => version.ToString(CultureInfo.InvariantCulture);
}
#endif
