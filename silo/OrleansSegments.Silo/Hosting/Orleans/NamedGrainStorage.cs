using Orleans.Runtime;
using Orleans.Storage;

namespace OrleansSegments.Silo.Hosting.Orleans;

/// <summary>The AdoNet storage, told the grain class beside the name of the state: the provider passes on one name and our queries need both.</summary>
internal sealed class NamedGrainStorage([FromKeyedServices(AdoNet.GrainStorage)] IGrainStorage storage) : IGrainStorage
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        storage.ReadStateAsync(FullName(stateName), grainId, grainState);

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        storage.WriteStateAsync(FullName(stateName), grainId, grainState);

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        storage.ClearStateAsync(FullName(stateName), grainId, grainState);

    private static string FullName(string stateName) => $"{ControlStateNames.ClassOf(stateName)}/{stateName}";
}
