using Orleans.Runtime;
using Orleans.Storage;

namespace OrleansSegments.Silo.Hosting;

/// <summary>The AdoNet storage, which also reads what it stored under former names.</summary>
internal sealed class NamedGrainStorage([FromKeyedServices(AdoNet.GrainStorage)] IGrainStorage storage) : IGrainStorage
{
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await storage.ReadStateAsync(ControlStateName.TypeOf(stateName), grainId, grainState);
        if (!grainState.RecordExists && ControlStateName.FormerClassOf(stateName) is { } former)
        {
            await storage.ReadStateAsync($"{former}/{stateName}", grainId, grainState);

            // It has no row under its name yet; the first write makes one.
            grainState.ETag = null;
        }
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        storage.WriteStateAsync(ControlStateName.TypeOf(stateName), grainId, grainState);

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        storage.ClearStateAsync(ControlStateName.TypeOf(stateName), grainId, grainState);
}
